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
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.schema.base import Base, Sight, UtcTime


class Workspace(Base):
    """A client or project, or the agency itself (``kind``); ``tenant_id`` is its only key."""

    __tablename__ = "workspace"
    announced_as = "workspaces"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Account(Base):
    """Credentials at one provider, by reference; ``state`` is unverified, verified, refused or unreachable.

    ``scopes`` in the provider's words, empty where it does not tell; ``can_write`` and ``token_ends_at`` None likewise.
    """

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)
    announced_as = "accounts"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    secret_ref: Mapped[str] = mapped_column(String(200))
    endpoint_url: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    holder: Mapped[str] = mapped_column(String(200), default="")
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    can_write: Mapped[bool | None] = mapped_column(Boolean)
    token_ends_at: Mapped[datetime | None] = mapped_column(UtcTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcTime)
    looked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Server(Base):
    """One VPS, owned by the agency. ``life`` and ``power`` are what we know, ``seen_at`` when we last looked.

    ``first_contact`` is ``handed_over`` (its host key was ours) or ``bound`` (entered by password, told by its marks).
    """

    __tablename__ = "server"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),
        Index("ix_server_provider_id", "tenant_id", "account_id", "provider_id"),
    )
    announced_as = "servers"
    only_age = frozenset({"sampled_at", "seen_at"})

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(253))
    provider_id: Mapped[str | None] = mapped_column(String(80))
    region: Mapped[str] = mapped_column(String(60))
    plan: Mapped[str] = mapped_column(String(80))
    image: Mapped[str] = mapped_column(String(120), default="")
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
    first_contact: Mapped[str] = mapped_column(String(20), default="handed_over", server_default="handed_over")
    monthly_micro: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    health: Mapped[str] = mapped_column(String(20), default="unknown")
    health_note: Mapped[str] = mapped_column(Text, default="")
    sampled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @classmethod
    def visible_to(cls, scope: Sight) -> ColumnElement[bool]:
        return or_(cls.owned_by(scope), _used_by(cls.id, scope))


class ServerUse(Base):
    """Which client uses which server, since when and until when: the only bridge between the two owners."""

    __tablename__ = "server_use"
    __table_args__ = (
        ForeignKeyConstraint(["server_tenant_id", "server_id"], ["server.tenant_id", "server.id"]),
        Index("ix_server_use_server", "server_tenant_id", "server_id"),
    )
    announced_as = "servers"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    server_tenant_id: Mapped[UUID] = mapped_column(Uuid)
    server_id: Mapped[UUID] = mapped_column(Uuid)
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)


class _OfServer(Base):
    """Rows that belong to a server and are seen by whoever may see it."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    server_id: Mapped[UUID] = mapped_column(Uuid)

    @classmethod
    def visible_to(cls, scope: Sight) -> ColumnElement[bool]:
        return or_(cls.owned_by(scope), _used_by(cls.server_id, scope))


class Address(_OfServer):
    """An IP address of a server; ``ptr`` is its reverse name as last read."""

    __tablename__ = "address"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "server_id"], ["server.tenant_id", "server.id"]),)
    announced_as = "servers"

    ip: Mapped[str] = mapped_column(String(45))
    family: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    ptr: Mapped[str | None] = mapped_column(String(253))
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)


class ServerInterval(_OfServer):
    """What was true of a server from ``since`` to ``until``: closed when it changes, never overwritten."""

    __tablename__ = "server_interval"
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
    text: Mapped[str] = mapped_column(Text)
    job_id: Mapped[UUID | None] = mapped_column(Uuid)


class Price(Base):
    """A price as we read it: hourly and monthly micro-units with source and date; a change makes a new row."""

    __tablename__ = "price"
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
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),
        Index("ix_snapshot_server", "tenant_id", "server_id"),
    )
    announced_as = "servers"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    server_id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(120))
    size_gb: Mapped[float | None] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Orphan(Base):
    """What carries our mark at a provider and belongs to no server here, as last looked at."""

    __tablename__ = "orphan"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),)
    announced_as = "orphans"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    resource: Mapped[str] = mapped_column(String(20), primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(253))
    region: Mapped[str] = mapped_column(String(60), default="")
    plan: Mapped[str] = mapped_column(String(80), default="")
    monthly_micro: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    found_at: Mapped[datetime] = mapped_column(UtcTime)


class OrphanLook(Base):
    """When a list of an account was last looked at for orphans, and why it could not be."""

    __tablename__ = "orphan_look"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),)
    announced_as = "orphans"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    resource: Mapped[str] = mapped_column(String(20), primary_key=True)
    looked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    trouble: Mapped[str] = mapped_column(Text, default="")


def _used_by(server_id: Any, scope: Sight) -> ColumnElement[bool]:
    """``server_id`` is used now by a workspace of the scope."""
    used = select(ServerUse.server_id).where(ServerUse.tenant_id.in_(scope.workspaces), ServerUse.until.is_(None))
    clause: ColumnElement[bool] = server_id.in_(used)
    return clause
