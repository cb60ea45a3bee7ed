"""Rows for every table, and who may see them by the rule in words: owners, and users of a server while they use it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import JSON, Boolean, Column, Integer, String, Text, Uuid, inspect, select

from backend.store.database import Store
from backend.store.schema import Base
from backend.store.schema.base import UtcTime
from backend.store.schema.fleet import (
    Account,
    Address,
    Offer,
    Orphan,
    OrphanLook,
    Server,
    ServerEvent,
    ServerInterval,
    ServerUse,
    Snapshot,
    Workspace,
)
from backend.store.schema.holdings import AccountCharge, AccountInvoice, Firewall, ReservedAddress, ServerUsage
from backend.store.schema.mail import Domain
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.store.conftest import NOW

Key = tuple[Any, ...]
Row = TypeVar("Row", bound=Base)

ANNA, BERT = UUID(int=0xA), UUID(int=0xB)
TABLES: tuple[type[Base], ...] = tuple(
    sorted((m.class_ for m in Base.registry.mappers), key=lambda each: each.__name__)
)
#: What a client sees of a server it uses, beside the server itself.
BRIDGED: tuple[type[Base], ...] = (Server, Address, ServerInterval, ServerEvent)
#: What hangs on an account, which is the agency's.
OF_ACCOUNT: tuple[type[Base], ...] = (
    *(Offer, Orphan, OrphanLook, Snapshot),
    *(ReservedAddress, Firewall, AccountCharge, AccountInvoice),
)
#: What hangs on a server and is the agency's alone.
OF_SERVER: tuple[type[Base], ...] = (ServerUsage,)

_numbers = itertools.count(1)


def row_of(table: type[Row], tenant_id: UUID, /, **values: Any) -> Row:
    """A row with something in each column that must have a value."""
    chosen = {"tenant_id": tenant_id, **values}
    for name, column in inspect(table).columns.items():
        if name not in chosen and not column.nullable:
            chosen[name] = _something(column)
    return table(**chosen)


def key_of(row: Base) -> Key:
    return (type(row).__name__, *inspect(type(row)).primary_key_from_instance(row))


@dataclass(frozen=True)
class Fleet:
    """The ids of a small world: two clients, and the agency with five servers."""

    shared: UUID
    of_anna: UUID
    of_bert: UUID
    left_by_anna: UUID
    of_nobody: UUID


def settle(store: Store) -> Fleet:
    """Write rows into every table for the agency and both clients; both use one server, each one more alone."""
    fleet = Fleet(*(uuid4() for _ in range(5)))
    with store.write(ENGINE_SCOPE) as session:
        for tenant_id, kind in ((AGENCY, "agency"), (ANNA, "client"), (BERT, "client")):
            session.add(row_of(Workspace, tenant_id, kind=kind))
        account = row_of(Account, AGENCY)
        session.add(account)
        session.flush()
        for server_id in (fleet.shared, fleet.of_anna, fleet.of_bert, fleet.left_by_anna, fleet.of_nobody):
            session.add(row_of(Server, AGENCY, id=server_id, account_id=account.id))
            session.flush()
            kinds = [*(kind for kind in BRIDGED if kind is not Server), *OF_SERVER]
            session.add_all(row_of(kind, AGENCY, server_id=server_id) for kind in kinds)
        session.add_all(_uses(fleet))
        session.add_all(_domains(fleet))
        for tenant_id in (AGENCY, ANNA, BERT):
            job = row_of(Job, tenant_id)
            session.add(job)
            session.flush()
            session.add_all(_the_rest(tenant_id, account.id, job.id))
    return fleet


def all_rows(store: Store) -> list[Base]:
    """Everything there is, as the engine sees it."""
    with store.read(ENGINE_SCOPE) as session:
        return [row for kind in TABLES for row in session.scalars(select(kind))]


def visible(rows: Iterable[Base], scope: Scope) -> list[Base]:
    """The rule, told a second time without a database."""
    rows = list(rows)
    used = {
        row.server_id
        for row in rows
        if isinstance(row, ServerUse) and row.until is None and row.tenant_id in scope.workspaces
    }
    return [row for row in rows if row.tenant_id in scope.workspaces or _server_of(row) in used]


def _server_of(row: Base) -> UUID | None:
    if isinstance(row, Server):
        return row.id
    return row.server_id if isinstance(row, (Address, ServerInterval, ServerEvent)) else None


def _uses(fleet: Fleet) -> list[ServerUse]:
    uses = [(ANNA, fleet.shared), (BERT, fleet.shared), (ANNA, fleet.of_anna), (BERT, fleet.of_bert)]
    open_uses = [row_of(ServerUse, who, server_tenant_id=AGENCY, server_id=server) for who, server in uses]
    ended = row_of(ServerUse, ANNA, server_tenant_id=AGENCY, server_id=fleet.left_by_anna, until=NOW)
    return [*open_uses, ended]


def _domains(fleet: Fleet) -> list[Domain]:
    return [
        row_of(Domain, owner, name=f"{name}.example", server_tenant_id=AGENCY, server_id=fleet.shared)
        for owner, name in ((ANNA, "anna"), (ANNA, "anna-shop"), (BERT, "bert"))
    ]


def _the_rest(tenant_id: UUID, account_id: UUID, job_id: UUID) -> list[Base]:
    """Two rows in each table that has none yet."""
    done: Collection[type[Base]] = (Workspace, Account, ServerUse, Domain, Job, *BRIDGED, *OF_SERVER)
    kinds = [kind for kind in TABLES if kind not in (*done, *OF_ACCOUNT) and kind.__tablename__ != "changes"]
    rows = [
        row_of(kind, tenant_id, **({"job_id": job_id} if "job_id" in inspect(kind).columns else {}))
        for kind in kinds
        for _ in range(2)
    ]
    if tenant_id == AGENCY:
        rows += [row_of(kind, tenant_id, account_id=account_id) for kind in OF_ACCOUNT for _ in range(_most(kind))]
    return rows


def _most(kind: type[Base]) -> int:
    """How many rows an account may have of a kind: one where its key says no more."""
    return 1 if {column.name for column in inspect(kind).primary_key} == {"tenant_id", "account_id"} else 2


def _something(column: Column[Any]) -> Any:
    """A value of the column's type that no other row has."""
    number = next(_numbers)
    if isinstance(column.type, Uuid):
        return uuid4()
    if isinstance(column.type, UtcTime):
        return NOW
    if isinstance(column.type, (String, Text)):
        return f"v{number}"[: column.type.length]
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, JSON):
        return {}
    assert isinstance(column.type, Integer), column
    return number
