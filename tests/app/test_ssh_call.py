"""Open SSH: our key and the pinned host key in a private folder that goes, and a terminal that is there or is told."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from app.shell.desktop import ssh_call
from app.shell.desktop.terminal import terminal_command
from backend.core.errors import Refused
from backend.core.ssh.command import Files, for_own_keys, known_hosts, with_files
from backend.core.ssh.keys import new_key_pair
from backend.core.ssh.session import Login

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFk9"
SCRIPT = Path("/tmp/open.sh")


def login(port: int = 22) -> Login:
    return Login("203.0.113.40", port, "root", new_key_pair().private, (KEY,), "mx1.example")


def has(*names: str) -> dict[str, str]:
    return {name: f"/usr/bin/{name}" for name in names}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return ssh_call.prepare(login())


def test_the_host_key_is_pinned_and_nothing_else_is_asked() -> None:
    words = with_files(login(2222), Files("/x/key", "/x/known_hosts"))

    assert words[-3:] == ("-p", "2222", "root@203.0.113.40")
    options = dict(each.split("=", 1) for each in words[4::2] if "=" in each)
    assert options["StrictHostKeyChecking"] == "yes"
    assert options["UserKnownHostsFile"] == '"/x/known_hosts"'
    assert options["GlobalKnownHostsFile"] == "none"
    assert options["IdentitiesOnly"] == "yes"
    assert known_hosts(login(2222)) == f"[203.0.113.40]:2222 {KEY}\n"
    assert known_hosts(login()) == f"203.0.113.40 {KEY}\n"


@pytest.mark.skipif(shutil.which("ssh") is None, reason="needs OpenSSH's client")
def test_openssh_understands_both_commands() -> None:
    for words in (list(with_files(login(), Files("/x/a key", "/x/known"))), shlex.split(for_own_keys(login(2222)))):
        told = subprocess.run([words[0], "-G", *words[1:]], capture_output=True, text=True, check=True).stdout
        assert "stricthostkeychecking true" in told
        assert "hostname 203.0.113.40" in told


def test_the_copied_command_holds_no_key_of_ours() -> None:
    text = for_own_keys(login())
    assert KEY in text
    assert "PRIVATE" not in text
    assert "IdentityFile" not in text


def test_the_folder_is_private_and_goes_with_the_call(folder: Path, tmp_path: Path) -> None:
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes == {"key": 0o600, "known_hosts": 0o600, "open.sh": 0o700}
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "ssh").write_text('#!/bin/sh\necho "$@" > "$SEEN"\nexit 0\n')
    (fake / "ssh").chmod(0o700)
    seen = tmp_path / "seen"

    subprocess.run(
        [str(folder / "open.sh")],
        env={**os.environ, "PATH": f"{fake}:{os.environ['PATH']}", "SEEN": str(seen)},
        check=True,
        stdin=subprocess.DEVNULL,
    )

    assert "root@203.0.113.40" in seen.read_text()
    assert not folder.exists()


def test_the_folder_goes_when_the_terminal_is_closed(folder: Path, tmp_path: Path) -> None:
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "ssh").write_text("#!/bin/sh\nkill -HUP $PPID\nexit 255\n")
    (fake / "ssh").chmod(0o700)

    subprocess.run(
        [str(folder / "open.sh")],
        env={**os.environ, "PATH": f"{fake}:{os.environ['PATH']}"},
        check=False,
        stdin=subprocess.DEVNULL,
    )

    assert not folder.exists()


def test_windows_removes_the_folder_at_the_end() -> None:
    script = ssh_call.windows_script(login(), Files("C:\\x\\key", "C:\\x\\known"), Path("C:/x"))

    assert script.splitlines()[-1].startswith("(rmdir /s /q")
    assert "StrictHostKeyChecking=yes" in script


@pytest.mark.parametrize(
    ("platform", "there", "environment", "begins"),
    [
        ("linux", has("gnome-terminal", "xterm"), {}, ("gnome-terminal", "--")),
        ("linux", has("konsole"), {}, ("konsole", "-e")),
        ("linux", has("kitty", "xterm"), {"TERMINAL": "kitty"}, ("kitty", "/tmp/open.sh")),
        ("linux", has("xterm"), {"TERMINAL": "gone"}, ("xterm", "-e")),
        ("darwin", {}, {}, ("open", "-a", "Terminal")),
        ("win32", has("wt.exe"), {}, ("/usr/bin/wt.exe", "new-tab", "cmd.exe")),
        ("win32", {}, {}, ("cmd.exe", "/d", "/c", "start")),
    ],
)
def test_the_terminal_of_each_desktop(
    platform: str, there: dict[str, str], environment: dict[str, str], begins: tuple[str, ...]
) -> None:
    command = terminal_command(SCRIPT, platform, there.get, environment)

    assert tuple(command[: len(begins)]) == begins
    assert command[-1] == str(SCRIPT)


def test_without_a_terminal_that_is_said_with_the_way_out() -> None:
    with pytest.raises(Refused) as told:
        terminal_command(SCRIPT, "linux", lambda _name: None, {})

    assert "No terminal" in told.value.title
    assert "TERMINAL" in told.value.remedy
