"""What servers need of a person: those that are not well, and those whose login key is old."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.attention import Asked, Ending, Need
from backend.core.checks import SERVER
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.servers.queries import ServerRow, Servers
from backend.servers.requests import RotateLoginKey
from backend.store.schema.observations import Check


def needs(asked: Asked) -> Iterator[Need]:
    """Each with what is wrong, whose it is, and since when."""
    servers = asked.ask(Servers(asked.scope))
    since = _since(asked, servers)
    for row in servers:
        if row.status in (Status.CRITICAL, Status.WARNING):
            where = ", ".join(row.workspaces)
            yield Need("server", row.id, row.status, row.name, row.health_note, where, since.get(row.id), _("Open"))
        if row.key_due_at is not None and row.key_due_at <= asked.now:
            words = asked.with_failure(
                _("Its SSH key is due for renewal."), RotateLoginKey.kind, row.id, row.key_due_at
            )
            where = ", ".join(row.workspaces)
            yield Need("server_key", row.id, Status.WARNING, row.name, words, where, row.key_due_at, _("Open"))


def endings(asked: Asked) -> Iterator[Ending]:
    """Until when servers are in maintenance."""
    title = _("Maintenance, {server}")
    for row in asked.ask(Servers(asked.scope)):
        if row.maintenance_until is not None:
            yield Ending("server", row.id, title.format(server=row.name), row.maintenance_until)


def _since(asked: Asked, servers: tuple[ServerRow, ...]) -> Mapping[UUID, datetime]:
    """Since when the present verdict on a server holds."""
    if not servers:
        return {}
    statement = select(Check.subject_id, Check.verdict, func.min(Check.since))
    statement = statement.where(Check.subject_kind == SERVER, Check.counts_for_health)
    with asked.source.store.read(asked.scope) as session:
        rows = session.execute(statement.group_by(Check.subject_id, Check.verdict)).tuples()
        known = {(server, verdict): since for server, verdict, since in rows}
    return {row.id: known[row.id, row.health] for row in servers if (row.id, row.health) in known}
