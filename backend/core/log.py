"""Logging for one process: a rotating file, the job's id in every line, known secrets masked."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from contextvars import ContextVar
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from backend.core.present.plain_line import plain_line
from backend.core.private import HAS_MODES, private
from backend.core.secrets.redactor import RedactingFilter

LINE = "%(asctime)s %(levelname)-7s %(name)s %(job)s%(message)s"
FILE_BYTES, FILES_KEPT = 2_000_000, 5

current_job: ContextVar[str] = ContextVar("current_job", default="")


class JobFilter(logging.Filter):
    """Puts the short id of the running job before the message."""

    def filter(self, record: logging.LogRecord) -> bool:
        job = current_job.get()
        record.job = f"[{job[:8]}] " if job else ""
        return True


def start_logging(folder: Path, *, name: str = "mailyard", verbose: bool = False) -> logging.Handler:
    """Write the process's log to ``folder``; returns the handler so that its owner can close it.

    A folder that cannot be written costs the log, not the program.
    """
    try:
        handler: logging.Handler = _LogFile(
            folder / f"{name}.log", maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
        )
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(_OneLine(LINE))
    handler.addFilter(JobFilter())
    handler.addFilter(RedactingFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for chatty in ("paramiko", "httpx", "httpcore", "apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """Detach and close what :func:`start_logging` made."""
    logging.getLogger().removeHandler(handler)
    handler.close()


class _OneLine(logging.Formatter):
    """A record is one line, whatever stands in it: a trace too, so that nobody's words can pass for a line of ours."""

    def format(self, record: logging.LogRecord) -> str:
        return plain_line(super().format(record))


class _LogFile(RotatingFileHandler):
    """Silent about its own trouble: on a full disk each line would put a trace on the terminal."""

    def _open(self) -> TextIOWrapper:
        """Closed to others; through a link only where the folder's owner laid it, as to /dev/null."""
        path = Path(self.baseFilename)
        if HAS_MODES and path.is_symlink() and path.lstat().st_uid == os.geteuid():
            return super()._open()
        return TextIOWrapper(open(path, "ab", opener=private), encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:
        """The line is lost; the next one is tried again."""

    def close(self) -> None:
        with suppress(OSError):
            super().close()
