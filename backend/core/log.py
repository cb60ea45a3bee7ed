"""Logging for one process: a rotating file, the job's id in every line, known secrets masked."""

from __future__ import annotations

import logging
from contextlib import suppress
from contextvars import ContextVar
from logging.handlers import RotatingFileHandler
from pathlib import Path

from backend.core.secrets.tripwire import RedactingFilter

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
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    logging.getLogger("dbos").propagate = False
    try:
        handler: logging.Handler = _LogFile(
            folder / f"{name}.log", maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
        )
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(LINE))
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


class _LogFile(RotatingFileHandler):
    """Silent about its own trouble: on a full disk each line would put a trace on the terminal."""

    def handleError(self, record: logging.LogRecord) -> None:
        """The line is lost; the next one is tried again."""

    def close(self) -> None:
        with suppress(OSError):
            super().close()
