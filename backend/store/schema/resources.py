"""What an account holds beside servers, and what it is charged: addresses, firewalls, usage, invoices."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ColumnElement, Date, ForeignKeyConstraint, Index, String, Uuid, or_
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.schema.base import TOLD, Base, Said, ScopeLike, UtcTime
from backend.store.schema.fleet import used_now


class _Attached(Base):
    """What an account holds for a server, seen by whoever uses that now."""

    __abstract__ = True

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        server_id: Any = cls.server_id  # type: ignore[attr-defined]
        return or_(cls.owned_by(scope), used_now(cls.tenant_id, server_id, scope))


class ReservedAddress(_Attached):
    """An address we hold at a provider; ``server_id`` None: no server has it. Its row stays when it is gone."""

    __tablename__ = "reserved_address"
    kept_because = "one row an address we ever reserved"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),
        Index("ix_reserved_address_server", "tenant_id", "server_id"),
    )
    announced_as = "servers"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    ip: Mapped[str] = mapped_column(String(45))
    region: Mapped[str] = mapped_column(String(60))
    server_id: Mapped[UUID | None] = mapped_column(Uuid)
    monthly_micro: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    reserved_at: Mapped[datetime] = mapped_column(UtcTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Firewall(_Attached):
    """A firewall of ours before a server, from ``made_at`` until ``gone_at``; ``allowed`` are records of ``protocol``,
    ``ports``, ``sources``.
    """

    __tablename__ = "firewall"
    kept_because = "one row a firewall we ever made"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),
        Index("ix_firewall_server", "tenant_id", "server_id"),
    )
    announced_as = "servers"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    server_id: Mapped[UUID] = mapped_column(Uuid)
    allowed: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ServerUsage(_Attached):
    """What a server used this month as its provider counted it when last asked; bytes, None where it does not tell."""

    __tablename__ = "server_usage"
    kept_because = "one row a server"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "server_id"], ["server.tenant_id", "server.id"]),)
    announced_as = "servers"

    server_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcTime)
    received_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sent_bytes: Mapped[int | None] = mapped_column(BigInteger)
    counted_bytes: Mapped[int | None] = mapped_column(BigInteger)
    included_bytes: Mapped[int | None] = mapped_column(BigInteger)
    cpu_percent: Mapped[float | None]
    source: Mapped[str] = mapped_column(String(200))
    read_at: Mapped[datetime] = mapped_column(UtcTime)


class AccountCharge(Base):
    """What an account owed when last asked, in micro-units; ``trouble`` is why it could not be asked this time."""

    __tablename__ = "account_charge"
    kept_because = "one row an account"
    dropped_with_account = True
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),)
    announced_as = "charges"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    balance_micro: Mapped[int | None] = mapped_column(BigInteger)
    so_far_micro: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    source: Mapped[str] = mapped_column(String(200))
    read_at: Mapped[datetime | None] = mapped_column(UtcTime)
    trouble: Mapped[str] = mapped_column(Said, default="", info=TOLD)


class AccountInvoice(Base):
    """One bill of a provider, as its API lists it."""

    __tablename__ = "account_invoice"
    kept_because = "one row a bill, which are kept as bills are"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "account_id"], ["account.tenant_id", "account.id"]),)
    announced_as = "charges"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(80), primary_key=True)
    issued: Mapped[date | None] = mapped_column(Date)
    total_micro: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
