"""Which secrets of accounts a person may read again: the tokens that were entered."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from backend.core.present.text import N_
from backend.feature import StoredSecret
from backend.store.schema.fleet import Account
from backend.store.scope import ScopedSession


def stored_secrets(session: ScopedSession) -> Iterator[StoredSecret]:
    """One of each account that was not removed."""
    for account in session.scalars(select(Account).where(Account.removed_at.is_(None))):
        yield StoredSecret(account.secret_ref, N_("API token"), account.name)
