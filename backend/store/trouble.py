"""What a database says when it cannot go on, turned into words with a remedy."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from backend.core.errors import DiskFull, StoreDamaged, StoreError, StoreReadOnly
from backend.core.present.text import _

#: About the row, not about the database.
BUGS = (IntegrityError, DataError)


def store_error(error: DBAPIError | sqlite3.Error) -> StoreError | None:
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
            remedy=_("Give your user the right to write to the data folder."),
            detail=text,
        )
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return damaged(text)
    if "locked" in text or "could not connect" in text or "connection" in text:
        return _Busy(
            _("The database does not answer."),
            remedy=_("Another program may hold it, or the database server is down; we try again by ourselves."),
            detail=text,
        )
    return None


def damaged(detail: str) -> StoreDamaged:
    """The database fails its integrity check."""
    return StoreDamaged(
        _("The database is damaged."),
        remedy=_("Nothing was changed. Restore the newest copy from the folder 'copies', or run mailyard doctor."),
        detail=detail,
    )


class _Busy(StoreError):
    """The database is held by somebody else, or out of reach, for now."""

    retryable = True
