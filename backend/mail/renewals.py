"""Which secrets of mail servers a job can renew, and from when on: what *Needs you* tells of them, for the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend.feature import DueRenewal
from backend.mail.change.requests import RenewPassword, RenewToken
from backend.mail.queries import MailServers
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.query import Source


def renewals(source: Source) -> Iterator[DueRenewal]:
    """Of those that run: nobody could prove another secret of one that stands still."""
    for row in MailServers(ENGINE_SCOPE).run(source):
        for request, due_at in ((RenewPassword, row.admin_due_at), (RenewToken, row.token_due_at)):
            if row.state == "running" and due_at is not None:
                yield DueRenewal(row.server_id, row.server, request(row.server_id), due_at)
