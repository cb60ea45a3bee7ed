"""Who is the engine of a data folder: whoever holds the lock beside its databases; a note says who that is."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from filelock import FileLock, Timeout

from backend.core.paths import unwritable
from backend.core.present.text import _
from backend.core.private import FILE_MODE, private, replace_file

#: This process among all that ever were an engine.
EXECUTOR = uuid4().hex


@dataclass(frozen=True)
class Holder:
    """The process that is the engine: its id, what it runs as (``console``, ``headless``, ``command``), since when.

    ``host`` is the machine it runs on, ``executor`` tells it from all processes before it. Of :data:`SOMEBODY` all
    that is known is that it lives.
    """

    pid: int
    role: str
    since: str
    host: str = ""
    executor: str = ""

    @classmethod
    def myself(cls, role: str, now: datetime) -> Holder:
        return cls(os.getpid(), role, now.isoformat(), socket.gethostname(), EXECUTOR)

    @property
    def is_known(self) -> bool:
        """Whether it left a note of itself."""
        return bool(self.pid)

    @property
    def is_elsewhere(self) -> bool:
        """Whether it runs on another machine: its process id means nothing here."""
        return self.host not in ("", socket.gethostname())


#: A holder whose note is not there: it was never written, or taken away.
SOMEBODY = Holder(0, "", "")


class Lock(Protocol):
    """What makes one process of many the engine of a database; the system frees it when the process dies."""

    @property
    def is_held(self) -> bool:
        """Whether this process holds it, as far as is known."""
        ...

    def take(self, role: str, now: datetime) -> bool:
        """Try to become the engine; False when another process is.

        :raises StoreError: it cannot be told.
        """
        ...

    def release(self) -> None:
        """Let go, if it is held."""
        ...

    def holder(self) -> Holder | None:
        """Who held it last, as far as was written; a killed holder is still named."""
        ...

    def living_holder(self) -> Holder | None:
        """Who holds it now, asked without taking it; None when nobody does."""
        ...

    def when_lost(self, told: Callable[[], None]) -> None:
        """Call ``told``, on any thread and at once, when the lock is lost without being let go."""
        ...


class EngineLock:
    """An exclusive lock on ``engine.lock``; the operating system frees it when the process dies, however it dies.

    Who asks whether it is held looks at a second file, which the holder locks as well: a question never keeps an
    engine that starts at that moment from the lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._note = path.with_suffix(".json")
        # not of one thread: a console may take it on its start-up thread and let go on the main one
        self._lock = FileLock(str(path), timeout=0, mode=FILE_MODE, thread_local=False)
        self._sign: int | None = None

    @property
    def is_held(self) -> bool:
        return self._lock.is_locked

    def take(self, role: str, now: datetime) -> bool:
        """As the port says.

        :raises StoreReadOnly, DiskFull: the data folder cannot be written.
        """
        try:
            self._lock.acquire()
            replace_file(self._note, json.dumps(asdict(Holder.myself(role, now))).encode())
            self._sign = _show_sign(_sign_of(self._path))
        except Timeout:
            return False
        except OSError as error:
            self._lock.release()
            raise unwritable(error, _("The data folder cannot be written.")) from error
        return True

    def release(self) -> None:
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            if self._sign is not None:
                os.close(self._sign)
                self._sign = None
            self._lock.release()

    def holder(self) -> Holder | None:
        """As the port says: the note outlives a killed holder, the lock does not."""
        try:
            return Holder(**json.loads(self._note.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def living_holder(self) -> Holder | None:
        if self.is_held or lock_is_taken(self._path):
            return self.holder() or SOMEBODY
        return None

    def when_lost(self, _told: Callable[[], None]) -> None:
        """The operating system takes it from nobody who lives."""


def lock_is_taken(path: Path) -> bool:
    """Whether some process holds the lock file ``path``; the lock itself is left alone.

    Of the sign beside it a shared lock is tried (flock(2)), so that two who ask at once never see each other. Where
    locks are mandatory (LockFileEx) even reading tells.
    """
    try:
        descriptor = os.open(_sign_of(path), os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        return False
    try:
        if sys.platform == "win32":
            os.read(descriptor, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    finally:
        os.close(descriptor)
    return False


def _sign_of(path: Path) -> Path:
    return path.with_suffix(".alive")


def _show_sign(path: Path) -> int:
    """Lock the sign until the descriptor is closed. Who asks holds it for microseconds only: that is waited out."""
    descriptor = private(str(path), os.O_RDWR | os.O_CREAT)
    try:
        if sys.platform == "win32":
            import msvcrt

            os.write(descriptor, b"\0")
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
