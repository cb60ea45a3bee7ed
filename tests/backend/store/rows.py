"""Rows for every table, and who may see them by the rule in words: owners, and users of a server while they use it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import JSON, Boolean, Column, Float, Integer, String, Text, Uuid, inspect, select

from backend.store.database import Store
from backend.store.schema import Base, tables
from backend.store.schema.base import Said, UtcTime
from backend.store.schema.fleet import (
    Account,
    Address,
    Server,
    ServerEvent,
    ServerInterval,
    ServerUse,
    Snapshot,
    Workspace,
)
from backend.store.schema.mail import Domain, MailRelay, MailServer
from backend.store.schema.observations import Check, CheckInterval
from backend.store.schema.operations import Job, JobLog, JobStep, Schedule, ScheduleRun
from backend.store.schema.resources import Firewall, ReservedAddress, ServerUsage
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope, ScopedSession
from tests.backend.store.conftest import NOW

Key = tuple[Any, ...]
Row = TypeVar("Row", bound=Base)

ANNA, BERT = UUID(int=0xA), UUID(int=0xB)
TABLES = tables()


def _hanging_on(parent: type[Base]) -> tuple[type[Base], ...]:
    """Tables whose rows name a row of ``parent`` of the same owner."""
    columns = {f"{parent.__tablename__}.tenant_id": "tenant_id"}
    return tuple(
        table
        for table in TABLES
        for key in Base.metadata.tables[table.__tablename__].foreign_key_constraints
        if columns.items() <= {each.target_fullname: each.parent.name for each in key.elements}.items()
    )


#: What a client sees of a server it uses, beside the server itself: said here a second time, on purpose.
BRIDGED: tuple[type[Base], ...] = (Server, Address, ServerInterval, ServerEvent, ServerUsage, MailServer)
#: What hangs on an account, which is the agency's.
OF_ACCOUNT = tuple(table for table in _hanging_on(Account) if table is not Server)
#: What hangs on a domain, and is whoever's that is.
OF_DOMAIN = _hanging_on(Domain)
#: What hangs on a server and is the agency's alone.
OF_SERVER = tuple(table for table in _hanging_on(Server) if table not in BRIDGED)

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
            attached = (Snapshot, Firewall, ReservedAddress)
            session.add_all(row_of(kind, AGENCY, server_id=server_id, account_id=account.id) for kind in attached)
            write(session, about(server_id))
        session.add_all(_uses(fleet))
        for domain in _domains(fleet):
            write(session, (domain, *(row_of(kind, domain.tenant_id, domain_id=domain.id) for kind in OF_DOMAIN)))
            session.add(row_of(MailRelay, domain.tenant_id, server_tenant_id=AGENCY, server_id=fleet.shared))
        write(session, about(fleet.shared, ANNA))
        for tenant_id in (AGENCY, ANNA, BERT):
            job = row_of(Job, tenant_id)
            session.add(job)
            session.flush()
            session.add_all(_the_rest(tenant_id, account.id, job.id))
    return fleet


def write(session: ScopedSession, rows: Iterable[Base]) -> None:
    """One after the other: what hangs on another follows it."""
    for row in rows:
        session.add(row)
        session.flush()


def all_rows(store: Store) -> list[Base]:
    """Everything there is, as the engine sees it."""
    with store.read(ENGINE_SCOPE) as session:
        return [row for kind in TABLES for row in session.scalars(select(kind))]


def visible(rows: Iterable[Base], scope: Scope) -> list[Base]:
    """The rule, told a second time without a database."""
    rows = list(rows)
    uses = [row for row in rows if isinstance(row, ServerUse) and row.tenant_id in scope.workspaces]
    parents = {row.id: row for row in rows if isinstance(row, (Job, Schedule))}
    return [row for row in rows if row.tenant_id in scope.workspaces or _is_reached(row, uses, parents)]


Span = tuple[datetime, datetime | None] | None


def _is_reached(row: Base, uses: list[ServerUse], parents: Mapping[UUID, Job | Schedule]) -> bool:
    """Whether one of the uses leads there: one is open, and the row has no time or one within some use."""
    owner, server, span = row.tenant_id, *_told(row, parents)
    of_it = [use for use in uses if use.server_id == server and use.server_tenant_id == owner]
    return any(use.until is None for use in of_it) and (span is None or any(_overlap(use, *span) for use in of_it))


def _overlap(use: ServerUse, began: datetime, ended: datetime | None) -> bool:
    return (ended is None or ended >= use.since) and (use.until is None or began <= use.until)


def _told(row: Base, parents: Mapping[UUID, Job | Schedule]) -> tuple[UUID | None, Span]:
    """The server a row is about, and from when until when that was; None: it has no time of its own."""
    match row:
        case Server():
            return row.id, None
        case Address() | ServerInterval() | ServerUsage() | MailServer() | Firewall() | ReservedAddress():
            return row.server_id, None
        case ServerEvent():
            return row.server_id, (row.at, row.at)
        case Snapshot():
            return row.server_id, (row.created_at, row.created_at)
        case Check():
            return (row.subject_id if row.subject_kind == "server" else None), None
        case CheckInterval():
            return (row.subject_id if row.subject_kind == "server" else None), (row.since, row.until)
        case Job():
            return row.about_id, (row.requested_at, row.ended_at)
        case JobStep() | JobLog():
            return _told(parents[row.job_id], parents)
        case Schedule():
            return _id(row.subject), None
        case ScheduleRun():
            schedule = parents.get(row.schedule_id)
            return (_id(schedule.subject) if isinstance(schedule, Schedule) else None), (row.due_at, row.due_at)
    return None, None


def _id(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


def about(server_id: UUID, owner: UUID = AGENCY, at: datetime = NOW, until: datetime | None = None) -> list[Base]:
    """A row of everything that is told of a server with a time, in the order they must be written."""
    job = row_of(Job, owner, about_id=server_id, requested_at=at, ended_at=until)
    schedule = row_of(Schedule, owner, subject=str(server_id))
    said = {"subject_kind": "server", "subject_id": server_id}
    return [
        job,
        row_of(JobStep, owner, job_id=job.id),
        row_of(JobLog, owner, job_id=job.id),
        schedule,
        row_of(ScheduleRun, owner, schedule_id=schedule.id, due_at=at),
        row_of(Check, owner, **said),
        row_of(CheckInterval, owner, **said, since=at, until=until),
    ]


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
    done: Collection[type[Base]] = (
        *(Workspace, Account, ServerUse, Domain, MailRelay, Job),
        *(*BRIDGED, *OF_SERVER, *OF_DOMAIN),
    )
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
    if isinstance(column.type, (String, Text, Said)):
        return f"v{number}"[: column.type.length]
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, JSON):
        return {}
    assert isinstance(column.type, Integer | Float), column
    return number
