"""One SSH call of a person: a private folder with our key and the pinned host key, which goes when the call ends."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from app.shell.desktop.terminal import open_terminal
from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.ssh.command import Files, known_hosts, with_files
from backend.core.ssh.session import Login

if TYPE_CHECKING:
    from backend.fleet.servers import ServerAccess
    from backend.store.query import Source

PREFIX = "mailyard-ssh-"
OLD_S = 24 * 3600.0


@dataclass(frozen=True)
class LoginOf:
    """Query: how a server is entered. Reads a secret, so it runs where reads do, not in the GUI thread."""

    servers: ServerAccess
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, _source: Source) -> Login:
        """:raises SecretStoreLocked: the key cannot be read."""
        return self.servers.login(self.server_id)


@dataclass(frozen=True)
class OpenSsh:
    """Query: opens the terminal; where it was opened. Beside the reads, because it waits for the disk."""

    servers: ServerAccess
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, _source: Source) -> str:
        """:raises Refused: OpenSSH or a terminal is lacking."""
        login = self.servers.login(self.server_id)
        if shutil.which("ssh") is None:
            raise Refused(
                _("OpenSSH is not installed on this computer."),
                remedy=_("Install the program ssh (Debian: openssh-client), then try again."),
            )
        sweep_old()
        folder = prepare(login)
        try:
            open_terminal(script_of(folder))
        except Refused:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return login.shown


def prepare(login: Login) -> Path:
    """The folder of one call (700), with the key (600), the host keys and the script that ends by removing it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    key, hosts = folder / "key", folder / "known_hosts"
    _write(key, login.private_key.reveal(), 0o600)
    _write(hosts, known_hosts(login), 0o600)
    files = Files(str(key), str(hosts))
    script = script_of(folder)
    if sys.platform == "win32":
        _restrict(folder)
        _write(script, windows_script(login, files, folder), 0o700)
    else:
        _write(script, posix_script(login, files, folder), 0o700)
    return folder


def script_of(folder: Path) -> Path:
    """macOS opens *.command in its terminal, Windows runs *.cmd."""
    return folder / {"win32": "open.cmd", "darwin": "open.command"}.get(sys.platform, "open.sh")


def posix_script(login: Login, files: Files, folder: Path) -> str:
    """The key goes as soon as the server let us in, the folder when the call ends, however it ends."""
    call = shlex.join(with_files(login, files, forget_key=("rm", "-f", files.key)))
    ended = shlex.quote(_("The connection has ended. Press Enter to close this window."))
    return (
        "#!/bin/sh\n"
        f"folder={shlex.quote(str(folder))}\n"
        "trap 'rm -rf -- \"$folder\"' EXIT\n"
        "trap 'exit 129' HUP TERM\n"
        f"{call}\n"
        "code=$?\n"
        'rm -rf -- "$folder"\n'
        f'[ "$code" -eq 0 ] || {{ echo; echo {ended}; read -r _; }}\n'
    )


def windows_script(login: Login, files: Files, folder: Path) -> str:
    """cmd.exe reads its script line by line: what removes it stands last."""
    call = subprocess.list2cmdline(with_files(login, files)).replace("%", "%%")
    return f'@echo off\r\n{call}\r\nif errorlevel 1 pause\r\n(rmdir /s /q "{folder}") & exit\r\n'


def sweep_old() -> None:
    """Remove what a call left whose terminal was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if os.access(folder, os.W_OK) and time.time() - folder.stat().st_mtime > OLD_S:
                shutil.rmtree(folder)


def _write(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", newline="") as file:
        file.write(text)


def _restrict(folder: Path) -> None:
    """Windows has no mode: only this user keeps a right to it."""
    user = os.environ.get("USERNAME", "")
    subprocess.run(
        ["icacls", str(folder), "/inheritance:r", "/grant:r", f"{user}:(OI)(CI)F"], check=False, capture_output=True
    )
