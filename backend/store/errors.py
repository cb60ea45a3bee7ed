"""What a database says when it cannot go on, turned into words with a remedy."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from backend.core.errors import DiskFull, StoreDamaged, StoreError, StoreReadOnly
from backend.core.present.text import _

if TYPE_CHECKING:
    import psycopg

#: About the row, not about the database.
BUGS = (IntegrityError, DataError)

#: What databases say when another has what is wanted, or when the server is away or overrun; it passes.
BUSY = (
    *("locked", "could not connect", "connection", "too many clients", "query_wait_timeout", "deadlock detected"),
    *("lock timeout", "statement timeout", "could not serialize access", "ssl syscall error", "not yet accepting"),
    *("the database system is", "terminating connection", "server closed"),
)


def store_error(error: DBAPIError | sqlite3.Error | psycopg.Error) -> StoreError | None:
    """The error we foresaw behind a driver's exception, or None when it is a bug of ours.

    A broken constraint is a bug, and its words quote the row: they are not read.
    """
    text = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    if isinstance(error, BUGS):
        return None
    if "disk is full" in text or "no space left" in text or "disk i/o error" in text:
        return DiskFull(
            _("There is no space left for the database."),
            remedy=_("Free some disk space; nothing was lost, the last change was not written."),
            detail=text,
        )
    if "readonly" in text or "read-only" in text or "unable to open" in text or "permission denied" in text:
        return StoreReadOnly(
            _("The database cannot be written."),
            remedy=_("Give your user write access to the data folder."),
            detail=text,
        )
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return _damaged(text)
    if "locking protocol" in text:
        return StoreError(
            _("The data folder lies on a network file system, where SQLite cannot lock its files."),
            remedy=_("Move it to a disk of this computer with --data-dir, or use PostgreSQL with --database-url."),
            detail=text,
        )
    if any(words in text for words in BUSY):
        return _Busy(
            _("The database does not answer."),
            remedy=_(
                "Another program may have locked it, or the database server is down. Mailyard retries automatically."
            ),
            detail=text,
        )
    return None


def _damaged(detail: str) -> StoreDamaged:
    """Said by a query, which knows no file: see :func:`backend.store.integrity.located`."""
    return StoreDamaged(
        _("The database is damaged."),
        remedy=_("Nothing was changed. Run mailyard doctor: it names the damaged file and the way back."),
        detail=detail,
    )


class _Busy(StoreError):
    """The database is held by somebody else, or out of reach, for now."""

    retryable = True
