"""Accounts that lead to one cloud: what any of them knows as ours is ours, whichever of them lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from backend.store.schema.fleet import Account, Server, ServerEvent

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute


def at_same_cloud(column: InstrumentedAttribute[UUID], account: UUID) -> ColumnElement[bool]:
    """Whether a row is of an account, removed ones too, at the same provider and endpoint as this one.

    Numbers are one cloud's own: those of two providers say nothing of each other. Two accounts may be one and the same
    at the provider, under two tokens.
    """
    this, other = aliased(Account), aliased(Account)
    same_place = (other.provider == this.provider) & other.endpoint_url.is_not_distinct_from(this.endpoint_url)
    return column.in_(select(other.id).join(this, same_place).where(this.id == account))


def known_servers() -> Select[tuple[str | None]]:
    """Numbers of the servers that are ours and that nobody here destroyed.

    Also of those that a list lacked, or whose account was removed: that we lost sight of one does not make it nobody's.
    """
    return select(Server.provider_id).where(Server.is_ours, is_not_destroyed(), Server.provider_id.is_not(None))


def is_not_destroyed() -> ColumnElement[bool]:
    """Whether no job of ours ended the server of the row."""
    return Server.id.not_in(select(ServerEvent.server_id).where(ServerEvent.kind == "gone"))
