"""Workspaces, and what the agency owns: accounts, servers, their use by clients, addresses, intervals, prices."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    exists,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from backend.store.schema.base import TOLD, Base, Said, ScopeLike, UtcTime


class Workspace(Base):
    """A client or project, or the agency itself (``kind``); ``tenant_id`` is its only key."""

    __tablename__ = "workspace"
    kept_because = "one row a client"
    announced_as = "workspaces"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Account(Base):
    """Credentials at one provider, by reference; ``state`` is unverified, verified, refused, unreachable, locked.

    ``scopes`` in the provider's words, empty where it does not tell; ``can_write`` and ``token_ends_at`` None likewise.
    ``closed_regions`` are those where it may do nothing, so that nothing there is observed. ``token_since`` None: as
    long as the account.
    """

    __tablename__ = "account"
    kept_because = "one row an account, also one that was removed: jobs and servers name it"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)
    announced_as = "accounts"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    secret_ref: Mapped[str] = mapped_column(String(200))
    endpoint_url: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Said, default="", info=TOLD)
    holder: Mapped[str] = mapped_column(String(200), default="", info=TOLD)
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    can_write: Mapped[bool | None] = mapped_column(Boolean)
    closed_regions: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    token_ends_at: Mapped[datetime | None] = mapped_column(UtcTime)
    token_since: Mapped[datetime | None] = mapped_column(UtcTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Server(Base):
    """One VPS, owned by the agency. ``life`` and ``power`` are what we know, ``seen_at`` when we last looked.

    ``first_contact`` is ``handed_over`` (its host key was ours) or ``bound`` (entered by password, told by its marks).
    ``login_key_since`` None: as long as the server.
    """

    __tablename__ = "server"
    kept_because = "one row a server there ever was: history, costs and jobs name it"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),
        Index("ix_server_provider_id", "tenant_id", "account_id", "provider_id"),
    )
    announced_as = "servers"
    only_age = frozenset({"sampled_at", "seen_at"})

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(253), info=TOLD)
    provider_id: Mapped[str | None] = mapped_column(String(80))
    region: Mapped[str] = mapped_column(String(60), info=TOLD)
    plan: Mapped[str] = mapped_column(String(80), info=TOLD)
    image: Mapped[str] = mapped_column(String(120), default="", info=TOLD)
    vcpus: Mapped[int] = mapped_column(Integer, default=0)
    memory_mb: Mapped[int] = mapped_column(Integer, default=0)
    disk_gb: Mapped[int] = mapped_column(Integer, default=0)
    life: Mapped[str] = mapped_column(String(20))
    power: Mapped[str] = mapped_column(String(20), default="unknown")
    is_ours: Mapped[bool] = mapped_column(default=True)
    address: Mapped[str | None] = mapped_column(String(45))
    ssh_user: Mapped[str] = mapped_column(String(32), default="root")
    ssh_key_ref: Mapped[str | None] = mapped_column(String(200))
    host_key: Mapped[str | None] = mapped_column(Text)
    login_key_since: Mapped[datetime | None] = mapped_column(UtcTime)
    first_contact: Mapped[str] = mapped_column(String(20), default="handed_over", server_default="handed_over")
    monthly_micro: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    health: Mapped[str] = mapped_column(String(20), default="unknown")
    health_note: Mapped[str] = mapped_column(Said, default="", info=TOLD)
    #: None: the note is no msgid but words as they were said.
    health_values: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sampled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    note: Mapped[str] = mapped_column(Text, default="", server_default="", info=TOLD)
    maintenance_until: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        return or_(cls.owned_by(scope), used_now(cls.tenant_id, cls.id, scope))


class ServerUse(Base):
    """Which client uses which server, since when and until when: the only bridge between the two owners."""

    __tablename__ = "server_use"
    kept_because = "one row each time a client begins to use a server"
    closed_with_server = True
    __table_args__ = (
        ForeignKeyConstraint(["server_tenant_id", "server_id"], ["server.tenant_id", "server.id"]),
        Index("ix_server_use_server", "server_tenant_id", "server_id"),
    )
    announced_as = "workspaces"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    server_tenant_id: Mapped[UUID] = mapped_column(Uuid)
    server_id: Mapped[UUID] = mapped_column(Uuid)
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)


#: In a clause that widens a table: a statement that names the class itself must not be taken for it.
USE = aliased(ServerUse)


def used_now(owner: Any, server_id: Any, scope: ScopeLike) -> ColumnElement[bool]:
    """``server_id``, of ``owner``, is used now by a workspace of the scope."""
    used = select(USE.server_tenant_id, USE.server_id)
    clause: ColumnElement[bool] = tuple_(owner, server_id).in_(
        used.where(USE.tenant_id.in_(scope.workspaces), USE.until.is_(None))
    )
    return clause


def used_during(owner: Any, server_id: Any, began: Any, ended: Any, scope: ScopeLike) -> ColumnElement[bool]:
    """A row of the server's ``owner`` about it: a workspace of the scope uses it now, and did when it happened.

    That lasted from ``began`` to ``ended``, None: it still does. What another client had of the server before is none
    of this one's, and what a client has itself of a server is no other one's.
    """
    overlaps = and_(
        USE.server_tenant_id == owner,
        USE.server_id == server_id,
        USE.tenant_id.in_(scope.workspaces),
        or_(ended.is_(None), ended >= USE.since),
        or_(USE.until.is_(None), began <= USE.until),
    )
    return and_(used_now(owner, server_id, scope), exists().where(overlaps))


class _OfServer(Base):
    """Rows that belong to a server and are seen by whoever may see it."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    server_id: Mapped[UUID] = mapped_column(Uuid)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        return or_(cls.owned_by(scope), used_now(cls.tenant_id, cls.server_id, scope))


class Address(_OfServer):
    """An IP address of a server; ``ptr`` is its reverse DNS name as last read."""

    __tablename__ = "address"
    kept_because = "one row an address a server ever had"
    closed_with_server = True
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "server_id"], ["server.tenant_id", "server.id"]),)
    announced_as = "servers"

    ip: Mapped[str] = mapped_column(String(45))
    family: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    ptr: Mapped[str | None] = mapped_column(String(253), info=TOLD)
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)


class ServerInterval(_OfServer):
    """What was true of a server from ``since`` to ``until``: closed when it changes, never overwritten."""

    __tablename__ = "server_interval"
    kept_because = "one row a change: what a server cost in the past is counted from it"
    closed_with_server = True
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "server_id"], ["server.tenant_id", "server.id"]),
        Index("ix_server_interval_server", "tenant_id", "server_id", "since"),
    )
    announced_as = "servers"

    plan: Mapped[str] = mapped_column(String(80))
    region: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))
    price_id: Mapped[UUID | None] = mapped_column(Uuid)
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    source: Mapped[str] = mapped_column(String(120))


class ServerEvent(_OfServer):
    """One line of a server's timeline: what happened, when, and by which job."""

    __tablename__ = "server_event"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "server_id"], ["server.tenant_id", "server.id"]),
        Index("ix_server_event_server", "tenant_id", "server_id", "at"),
    )
    announced_as = "servers"

    at: Mapped[datetime] = mapped_column(UtcTime)
    kind: Mapped[str] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(Said, info=TOLD)
    job_id: Mapped[UUID | None] = mapped_column(Uuid)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        return or_(cls.owned_by(scope), used_during(cls.tenant_id, cls.server_id, cls.at, cls.at, scope))


class Price(Base):
    """A price as we read it: hourly and monthly micro-units with source and date; a change makes a new row."""

    __tablename__ = "price"
    kept_because = "one row a change of a price: past costs are counted from it"
    __table_args__ = (Index("ix_price_of", "tenant_id", "provider", "plan", "region"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    plan: Mapped[str] = mapped_column(String(80))
    region: Mapped[str] = mapped_column(String(60))
    hourly_micro: Mapped[int | None] = mapped_column(BigInteger)
    monthly_micro: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    source: Mapped[str] = mapped_column(String(200))
    as_of: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)


class Offer(Base):
    """A region, plan or image on offer in an account, as last read: what the wizard shows without a socket."""

    __tablename__ = "offer"
    kept_because = "replaced whenever the offers are read"
    dropped_with_account = True
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),)
    announced_as = "offers"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    read_at: Mapped[datetime] = mapped_column(UtcTime)


class Snapshot(Base):
    """A snapshot of ours at a provider. Its rows stay for the history when it is gone."""

    __tablename__ = "snapshot"
    kept_because = "one row a snapshot: its server's history names it"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),
        Index("ix_snapshot_server", "tenant_id", "server_id"),
    )
    announced_as = "servers"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    server_id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(120), info=TOLD)
    size_gb: Mapped[float | None] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        used = used_during(cls.tenant_id, cls.server_id, cls.created_at, cls.created_at, scope)
        return or_(cls.owned_by(scope), used)


class Orphan(Base):
    """What carries our ownership tag at a provider and belongs to no server here, as last looked at."""

    __tablename__ = "orphan"
    kept_because = "replaced at each scan"
    dropped_with_account = True
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),)
    announced_as = "orphans"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    resource: Mapped[str] = mapped_column(String(20), primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(253), info=TOLD)
    region: Mapped[str] = mapped_column(String(60), default="", info=TOLD)
    plan: Mapped[str] = mapped_column(String(80), default="", info=TOLD)
    monthly_micro: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    found_at: Mapped[datetime] = mapped_column(UtcTime)


class OrphanScan(Base):
    """When a list of an account was last looked at for orphans, and why it could not be."""

    __tablename__ = "orphan_scan"
    kept_because = "one row a list of an account"
    dropped_with_account = True
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),)
    announced_as = "orphans"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    resource: Mapped[str] = mapped_column(String(20), primary_key=True)
    checked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    trouble: Mapped[str] = mapped_column(Said, default="", info=TOLD)
