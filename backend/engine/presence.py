"""Whether an engine runs for a data folder, asked without taking its lock."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from filelock import FileLock, Timeout

from backend.engine.lock import EngineLock, Holder

if TYPE_CHECKING:
    from backend.store.query import Source


@dataclass(frozen=True)
class Presence:
    """``is_ours``: this process is the engine. ``holder`` is who says to be it, None when nobody is alive."""

    is_ours: bool
    holder: Holder | None

    @property
    def is_alive(self) -> bool:
        return self.is_ours or self.holder is not None


@dataclass(frozen=True)
class EnginePresence:
    """Query: who the engine is now. The note of a killed holder outlives it, its lock does not: the lock decides."""

    lock: EngineLock
    path: Path
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, _source: Source) -> Presence:
        if self.lock.is_held:
            return Presence(is_ours=True, holder=self.lock.holder())
        if not lock_is_taken(self.path):
            return Presence(is_ours=False, holder=None)
        return Presence(is_ours=False, holder=self.lock.holder() or Holder(0, "", ""))


def lock_is_taken(path: Path) -> bool:
    """Whether some process holds the lock file; a file that is not there is held by nobody.

    A shared lock is tried (flock(2)), so that two who ask at once never see each other.
    """
    if not path.exists():
        return False
    if sys.platform == "win32":
        try:
            FileLock(str(path), timeout=0).acquire().lock.release()
        except Timeout:
            return True
        return False
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
