"""What accounts need of a person: a token that was refused, has expired, is about to or is old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from backend.accounts.queries import AccountRow, Accounts
from backend.attention import Asked, Ending, Need
from backend.core.present import times
from backend.core.present.status import Status, account_state
from backend.core.present.text import _
from backend.store.scope import AGENCY

#: A token that ends is told of for so long before.
TOKEN_ENDS_WITHIN = timedelta(days=14)
#: One that is older should be another one: no provider's API gives it, so that a person has to.
TOKEN_LASTS = timedelta(days=365)


def needs(asked: Asked) -> Iterator[Need]:
    """Accounts are the agency's: a client's scope sees none."""
    if not asked.scope.covers(AGENCY):
        return
    for row in asked.ask(Accounts()):
        status, state = account_state(row.state)
        if status in (Status.CRITICAL, Status.INCONCLUSIVE):
            title = _("{account}: {state}").format(account=row.name, state=state)
            yield Need("account", row.id, status, title, row.note, "", row.checked_at, _("Open"))
        else:
            yield from _of_token(row, asked.now)


def endings(asked: Asked) -> Iterator[Ending]:
    """Tokens that say when they end."""
    if asked.scope.covers(AGENCY):
        for row in asked.ask(Accounts()):
            if row.token_ends_at is not None:
                title = _("API token, {account}").format(account=row.name)
                yield Ending("account", row.id, title, row.token_ends_at)


def _of_token(row: AccountRow, now: datetime) -> Iterator[Need]:
    """The more pressing first."""
    ends_at, due_at = row.token_ends_at, row.token_since + TOKEN_LASTS if row.token_since is not None else None
    if ends_at is not None and ends_at <= now:
        title = _("The token of {account} has expired").format(account=row.name)
        detail = _("Its servers can neither be read nor changed.")
        yield Need("account", row.id, Status.CRITICAL, title, detail, "", ends_at, _("Renew"))
    elif ends_at is not None and ends_at - now < TOKEN_ENDS_WITHIN:
        title = _("The token of {account} expires on {day}").format(account=row.name, day=times.dated(ends_at, now))
        detail = _("From then on its servers cannot be read or changed.")
        yield Need("account", row.id, Status.WARNING, title, detail, "", None, _("Renew"))
    elif due_at is not None and due_at <= now:
        title = _("The token of {account} is more than a year old").format(account=row.name)
        detail = _("Make another one at the provider and enter it with New token..., then revoke the old one there.")
        yield Need("account", row.id, Status.WARNING, title, detail, "", due_at, _("Renew"))
