"""The control channel of an engine that belongs to windows: how a window finds it, and what the two say to each other.

A local socket (a named pipe on Windows) that nobody else can reach. It ends with either process, however that ends, so
that the engine knows of its windows, and a window of its engine, what no file would tell. The key of the secret store
crosses here, never the passphrase it comes from.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Literal
from zlib import crc32

from backend.core.private import FILE_MODE, make_folder, replace_file
from backend.engine.lock import EXECUTOR, Holder

Kind = Literal["key", "language", "leave", "end", "running", "ending"]
#: What a window says: the key of the secret store that a passphrase gave, the language it speaks, that it closes in
#: order (and whether the engine stays: see Leave), that the engine shall end.
KEY, LANGUAGE, LEAVE, END = "key", "language", "leave", "end"
#: What the engine says: whether it is the engine now, and why it ends.
RUNNING, ENDING = "running", "ending"
YES, NO = "yes", "no"
#: Why it ends: no window is left, or it was told to.
UNNEEDED, TOLD = "unneeded", "told"
KINDS = frozenset({KEY, LANGUAGE, LEAVE, END, RUNNING, ENDING})

MOST_BYTES = 65_536
LONGEST_PATH = 100  # bytes of sun_path: 108 on Linux, 104 elsewhere (unix(7))
OUTSIDE, SOCKET = "mailyard-engine-", "engine.sock"


@dataclass(frozen=True)
class Message:
    """One thing said. The value is never shown: it may be a key."""

    kind: str
    value: str = field(default="", repr=False)

    @classmethod
    def read(cls, raw: bytes) -> Message | None:
        """None: nothing we know, as of another version."""
        try:
            said = json.loads(raw)
            message = cls(str(said["kind"]), str(said["value"]))
        except (ValueError, LookupError, TypeError):
            return None
        return message if message.kind in KINDS else None

    def send(self, connection: Connection) -> None:
        """:raises OSError: the other side is gone."""
        connection.send_bytes(json.dumps(asdict(self)).encode())


@dataclass(frozen=True)
class Leave:
    """A window closed in order. ``keeps``: whether the engine shall stay; None: as the person's setting says."""

    keeps: bool | None = None

    @classmethod
    def read(cls, value: str) -> Leave:
        """What another version says here may be empty."""
        return cls({YES: True, NO: False}.get(value))


@dataclass(frozen=True)
class ControlFile:
    """Where the address of the channel stands, and which process listens there; no address: it is ending.

    One file for a folder and a database. Only its owner can read it.
    """

    path: Path

    @classmethod
    def of(cls, folder: Path, database_url: str | None) -> ControlFile:
        mark = f"-{crc32(database_url.encode()):08x}" if database_url else ""
        return cls(folder / f"engine{mark}.control")

    def connect(self) -> Connection | None:
        """A connection to the engine that listens there; None where none does."""
        address, _executor = self._read()
        if not address:
            return None
        try:
            return Client(address)
        except (OSError, EOFError, ValueError):
            return None

    def connect_to(self, holder: Holder) -> Connection | None:
        """A connection to the engine that holds the lock; None where it does not listen here.

        Another one that does stands by: what is meant for the engine is not for it.
        """
        return self.connect() if holder.executor and self._read()[1] == holder.executor else None

    def listen(self) -> Listener:
        """Listen at a new address and write it down.

        :raises OSError: that is not possible here.
        """
        make_folder(self.path.parent)
        self._clear_away()
        address = _new_address(self.path.parent)
        listener = Listener(address)
        if sys.platform != "win32":
            Path(address).chmod(FILE_MODE)
        self._write(address)
        return listener

    def is_ending(self, holder: Holder) -> bool:
        """Whether this holder of the lock is the engine that stood here, and takes no window any more."""
        return bool(holder.executor) and self._read() == ("", holder.executor)

    def say_ending(self) -> None:
        """Of this process: nobody shall come any more. What another engine wrote meanwhile stays."""
        if self._read()[1] == EXECUTOR:
            try:
                self._write("")
            except OSError:
                self.forget()

    def forget(self) -> None:
        """Of this process: it has ended. What another engine wrote meanwhile stays."""
        if self._read()[1] == EXECUTOR:
            self.path.unlink(missing_ok=True)

    def _clear_away(self) -> None:
        """The socket of an engine that was killed."""
        left, _executor = self._read()
        if left and sys.platform != "win32" and Path(left).parent == self.path.parent:
            if (beside := self.connect()) is not None:
                beside.close()
            else:
                Path(left).unlink(missing_ok=True)

    def _write(self, address: str) -> None:
        replace_file(self.path, os.fsencode(f"{address}\n{EXECUTOR}"))

    def _read(self) -> tuple[str, str]:
        """The address and the executor, see :class:`backend.engine.lock.Holder`."""
        try:
            address, _newline, executor = os.fsdecode(self.path.read_bytes()).partition("\n")
        except (OSError, ValueError):
            return "", ""
        return address, executor


def hang_up(connection: Connection) -> None:
    """End a connection from any thread: whoever waits in ``recv`` on either side meets its end, and closes it."""
    if sys.platform == "win32":
        connection.close()
        return
    import socket

    with suppress(OSError, ValueError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def remove_socket(listener: Listener) -> None:
    """Close it, and remove the folder that was made for its path where the data folder's was too long."""
    folder = Path(str(listener.address)).parent
    listener.close()
    if folder.name.startswith(OUTSIDE):
        with suppress(OSError):
            folder.rmdir()


def _new_address(folder: Path) -> str:
    """One that nobody can guess, in a folder that nobody else can enter."""
    name = secrets.token_hex(16)
    if sys.platform == "win32":
        return rf"\\.\pipe\mailyard-{name}"
    inside = str(folder.resolve() / f"engine-{name[:8]}.sock")
    return inside if _fits(inside) else str(_folder_outside() / SOCKET)


def _folder_outside() -> Path:
    """Of this user alone, where the path is short enough: a folder for temporary files may lie deep, too."""
    places = (gettempdir(), os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp")  # noqa: S108 - mkdtemp makes one of its own
    for place in places:
        if place and _fits(str(Path(place) / f"{OUTSIDE}12345678" / SOCKET)):
            with suppress(OSError):
                return Path(mkdtemp(prefix=OUTSIDE, dir=place))
    return Path(mkdtemp(prefix=OUTSIDE))


def _fits(path: str) -> bool:
    return len(os.fsencode(path)) <= LONGEST_PATH
