"""The installer for Windows: it compiles, and under wine it brings, replaces and takes away what it should."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop import services
from tests.installation import until
from tests.packaging.machine import ROOT
from tests.requirements import lacking

HERE = "drive_c/users/*/AppData"
LIMIT_S = 150


class Windows:
    """A drive and a registry of wine's, and a screen, as uninstallers want one even when they are silent."""

    def __init__(self, folder: Path, display: str) -> None:
        self.folder = folder
        # Nothing of .NET or a browser is fetched for a new drive; a person's home is not linked into it.
        chosen = {"WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=", "WINEDEBUG": "-all"}
        self._environment = {**os.environ, **chosen, "WINEPREFIX": str(folder), "DISPLAY": display}

    def run(self, program: Path | str, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["wine", str(program), *words]
        return subprocess.run(command, capture_output=True, text=True, env=self._environment, timeout=LIMIT_S)

    def find(self, pattern: str) -> list[Path]:
        return sorted(self.folder.glob(f"{HERE}/{pattern}"))

    def close(self) -> None:
        subprocess.run(["wineserver", "--kill", "--wait"], env=self._environment, timeout=LIMIT_S, check=False)


@pytest.fixture
def payload(tmp_path: Path) -> Path:
    """A bundle as far as the installer sees it."""
    folder = tmp_path / "payload"
    (folder / "_internal/deep").mkdir(parents=True)
    (folder / "mailyard.exe").write_bytes(b"MZ of one version")
    (folder / "_internal/deep/data").write_text("words")
    return folder


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Windows]:
    if shutil.which("wine") is None:
        lacking("wine", "it is not installed: apt-get install wine wine64")
    with services.x_server() as display:
        machine = Windows(tmp_path / "wine", display)
        yield machine
        machine.close()


@pytest.mark.skipif(shutil.which("makensis") is None, reason="needs NSIS: apt-get install nsis")
def test_the_installer_compiles(payload: Path, tmp_path: Path) -> None:
    assert compiled(payload, tmp_path / "setup.exe").read_bytes()[:2] == b"MZ"


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_it_installs_replaces_and_uninstalls(windows: Windows, payload: Path, tmp_path: Path) -> None:
    first = compiled(payload, tmp_path / "first-setup.exe")
    (payload / "mailyard.exe").write_bytes(b"MZ of the next version")
    (payload / "_internal/deep").rename(payload / "_internal/other")
    second = compiled(payload, tmp_path / "second-setup.exe", version="0.2.0")

    assert windows.run(first, "/S").returncode == 0
    (installed,) = windows.find("Local/Programs/Mailyard")
    assert (installed / "_internal/deep/data").read_text() == "words"
    made = installed.parents[1] / "mailyard/app.db"
    made.parent.mkdir()
    made.write_text("what the person made")

    assert windows.run(second, "/S").returncode == 0
    assert (installed / "mailyard.exe").read_bytes() == b"MZ of the next version"
    assert [path.name for path in (installed / "_internal").iterdir()] == ["other"], "a file of before was left"
    assert "0.2.0" in registered(windows)
    assert windows.find("Roaming/Microsoft/Windows/Start Menu/Programs/Mailyard.lnk")

    windows.run(installed / "uninstall.exe", "/S")
    until(lambda: not installed.exists(), "the folder to go")  # the uninstaller goes on as a copy of itself
    until(lambda: not registered(windows), "the entry of the registry to go")
    assert not windows.find("Roaming/Microsoft/Windows/Start Menu/Programs/Mailyard.lnk")
    assert made.read_text() == "what the person made"


def registered(windows: Windows) -> str:
    """What Windows lists under its installed programs, else nothing."""
    key = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Mailyard"
    done = windows.run("reg", "query", key)
    return done.stdout if done.returncode == 0 else ""


def compiled(payload: Path, target: Path, version: str = "0.1.0") -> Path:
    options = [f"-DVERSION={version}", f"-DPAYLOAD={payload}", f"-DOUTPUT={target}", "-V2"]
    script = str(ROOT / "packaging/windows/installer.nsi")
    done = subprocess.run(["makensis", *options, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return target
