"""Who is the engine: whoever holds the lock beside the database; the file says who that is."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from backend.core.paths import unwritable
from backend.core.present.text import _


@dataclass(frozen=True)
class Holder:
    """The process that is the engine: its id, what it runs as (``console``, ``headless``, ``command``), since when."""

    pid: int
    role: str
    since: str


class EngineLock:
    """An exclusive lock on ``engine.lock``; the operating system frees it when the process dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._note = path.with_suffix(".json")
        # not of one thread: a console may take it on its start-up thread and let go on the main one
        self._lock = FileLock(str(path), timeout=0, thread_local=False)

    @property
    def is_held(self) -> bool:
        return self._lock.is_locked

    def take(self, role: str, now: datetime) -> bool:
        """Try to become the engine; False when another process is.

        :raises StoreReadOnly, DiskFull: the data folder cannot be written.
        """
        try:
            self._lock.acquire()
            self._note.write_text(json.dumps({"pid": os.getpid(), "role": role, "since": now.isoformat()}))
        except Timeout:
            return False
        except OSError as error:
            self._lock.release()
            raise unwritable(error, _("The data folder cannot be written.")) from error
        return True

    def release(self) -> None:
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()

    def holder(self) -> Holder | None:
        """Who holds it as far as the note says; the note outlives a killed holder, the lock does not."""
        try:
            return Holder(**json.loads(self._note.read_text()))
        except (OSError, ValueError, TypeError):
            return None
