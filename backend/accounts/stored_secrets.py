"""Which secrets of accounts a person may read again, and which are needed: the tokens that were entered."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from backend.core.present.text import N_
from backend.feature import NeededSecret, StoredSecret
from backend.store.schema.fleet import Account
from backend.store.scope import ScopedSession

AGAIN = N_("Enter a new one: mailyard account token {name}, or New token... in Settings > Accounts.")


def stored_secrets(session: ScopedSession) -> Iterator[StoredSecret]:
    """One of each account that was not removed."""
    for account in session.scalars(select(Account).where(Account.removed_at.is_(None))):
        yield StoredSecret(account.secret_ref, N_("API token"), account.name)


def needed_secrets(session: ScopedSession) -> Iterator[NeededSecret]:
    """The same ones."""
    for each in stored_secrets(session):
        yield NeededSecret(each.ref, each.title, each.about, AGAIN)
