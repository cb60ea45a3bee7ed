"""From when on the SSH login keys of servers are to be renewed: what *Needs you* tells of them, for the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend.feature import DueRenewal
from backend.servers.queries import Servers
from backend.servers.requests import RotateLoginKey
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.query import Source


def renewals(source: Source) -> Iterator[DueRenewal]:
    """The old key stays valid for a day, as where a person asks."""
    for row in Servers(ENGINE_SCOPE).run(source):
        if row.key_due_at is not None:
            yield DueRenewal(row.id, row.name, RotateLoginKey(row.id), row.key_due_at)
