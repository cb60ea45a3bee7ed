"""The workspaces a session may see: every ORM query is narrowed to them, an unscoped one raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

if TYPE_CHECKING:
    from sqlalchemy.orm import UOWTransaction

#: The one fixed workspace that owns what clients share: accounts, servers, addresses, prices.
AGENCY = UUID("00000000-0000-4000-8000-000000000001")


class UnscopedQuery(RuntimeError):
    """A query reached the store without a Scope: a bug, never a person's fault."""


@dataclass(frozen=True)
class Scope:
    """A set of workspaces, never none. ``everything`` is the engine's own scope on this installation."""

    workspaces: frozenset[UUID]
    everything: bool = False

    def __post_init__(self) -> None:
        if not self.workspaces and not self.everything:
            raise UnscopedQuery("a scope names at least one workspace")

    @classmethod
    def of(cls, *workspaces: UUID) -> Scope:
        return cls(frozenset(workspaces))

    def covers(self, workspace: UUID) -> bool:
        return self.everything or workspace in self.workspaces


#: The engine's scope: on one desktop, and in a headless engine, it works for every workspace.
ENGINE_SCOPE = Scope(frozenset(), everything=True)


class ScopedSession(Session):
    """A session bound to one Scope; made by :class:`backend.store.database.Store` only."""

    def __init__(self, *, scope: Scope, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scope = scope


@event.listens_for(ScopedSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    from backend.store.schema.base import Base

    session = state.session
    assert isinstance(session, ScopedSession)
    if not (state.is_orm_statement or state.is_column_load or state.is_relationship_load):
        raise UnscopedQuery("only ORM statements go through a session; Core ones live in store/metrics.py")
    if session.scope.everything or state.is_column_load:
        return
    scope = session.scope
    state.statement = state.statement.options(
        with_loader_criteria(
            Base, lambda entity: entity.visible_to(scope), include_aliases=True, track_closure_variables=False
        )
    )


@event.listens_for(ScopedSession, "before_flush")
def _refuse_foreign_writes(session: ScopedSession, _context: UOWTransaction, _instances: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if not session.scope.covers(row.tenant_id):
            raise UnscopedQuery(f"{type(row).__name__} of workspace {row.tenant_id} is outside the session's scope")
