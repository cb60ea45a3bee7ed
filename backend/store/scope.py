"""The workspaces a session may see: every ORM query is narrowed to them, an unscoped one raises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

from sqlalchemy import Column, Executable, FromClause, Select, SelectBase, Table, Update, event, inspect
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.visitors import HasTraverseInternals

if TYPE_CHECKING:
    from sqlalchemy.orm import UOWTransaction

#: The one fixed workspace that owns what clients share: accounts, servers, addresses, prices.
AGENCY = UUID("00000000-0000-4000-8000-000000000001")

#: The column that says whose a row is.
OWNER = "tenant_id"


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
        self._scope = scope

    @property
    def scope(self) -> Scope:
        """The one it was made with, for all its life."""
        return self._scope

    def bulk_save_objects(self, *_objects: object, **_options: object) -> NoReturn:
        """:raises UnscopedQuery: always, for it is heard by no event."""
        raise _unheard()

    def bulk_insert_mappings(self, *_mappings: object, **_options: object) -> NoReturn:
        """:raises UnscopedQuery: always, for it is heard by no event."""
        raise _unheard()

    def bulk_update_mappings(self, *_mappings: object, **_options: object) -> NoReturn:
        """:raises UnscopedQuery: always, for it is heard by no event."""
        raise _unheard()


def _unheard() -> UnscopedQuery:
    return UnscopedQuery("rows are written through the session, which looks at each; not in bulk")


@event.listens_for(ScopedSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, ScopedSession)
    if not (state.is_orm_statement or state.is_column_load or state.is_relationship_load):
        raise UnscopedQuery("only ORM statements go through a session; Core ones live in store/metrics.py")
    if session.scope.everything or state.is_column_load:
        return
    if state.is_insert:
        raise UnscopedQuery("rows are added through the session, which looks at each; not by a bulk insert")
    if isinstance(state.statement, Update):
        _refuse_foreign_updates(state, state.statement)
    _refuse_bare_tables(state.statement)
    criteria = _readable(session.scope) if state.is_select else _owned(session.scope)
    state.statement = state.statement.options(criteria)


def _readable(scope: Scope) -> LoaderCriteriaOption:
    """SQLAlchemy keeps the lambda by its code and takes only the bound values anew: it must not branch."""
    from backend.store.schema.base import Base

    return with_loader_criteria(
        Base, lambda entity: entity.visible_to(scope), include_aliases=True, track_closure_variables=False
    )


def _owned(scope: Scope) -> LoaderCriteriaOption:
    from backend.store.schema.base import Base

    return with_loader_criteria(
        Base, lambda entity: entity.owned_by(scope), include_aliases=True, track_closure_variables=False
    )


@event.listens_for(ScopedSession, "before_flush")
def _refuse_foreign_writes(session: ScopedSession, _context: UOWTransaction, _instances: object) -> None:
    for row in (*session.new, *session.dirty):
        _cut_what_was_told(row)
    for row in (*session.new, *session.dirty, *session.deleted):
        for workspace in {row.tenant_id, *inspect(row).attrs.tenant_id.history.deleted}:
            if not session.scope.covers(workspace):
                raise UnscopedQuery(f"{type(row).__name__} of workspace {workspace} is outside the session's scope")


def _cut_what_was_told(row: Any) -> None:
    """An answer has no bound of its own, and one name of megabytes would come with every list that shows it."""
    for name, most in _told(inspect(type(row))):
        words = vars(row).get(name)
        if isinstance(words, str) and len(words) > most:
            setattr(row, name, f"{words[: most - 1]}…")


@cache
def _told(mapper: Any) -> tuple[tuple[str, int], ...]:
    """Names and bounds of the columns that hold words of others."""
    from backend.store.schema.base import MOST_TOLD, TOLD

    found = ((each.key, each.columns[0]) for each in mapper.column_attrs)
    return tuple((key, column.type.length or MOST_TOLD) for key, column in found if column.info == TOLD)


def _refuse_foreign_updates(state: ORMExecuteState, statement: Update) -> None:
    """An update of rows by their keys takes no criteria; one that sets the workspace would give rows away."""
    if isinstance(state.parameters, list):
        raise UnscopedQuery("rows are changed through the session, which looks at each; not by a bulk update")
    named = [*(statement._values or ()), *(column for column, _value in statement._ordered_values or ())]
    if OWNER in {getattr(each, "key", each) for each in (*named, *(state.parameters or ()))}:
        raise UnscopedQuery("an update does not move rows to another workspace")


def _refuse_bare_tables(statement: Executable) -> None:
    """A table (or a column of it) that its select does not name through its class would escape the criteria."""
    waiting: list[Any] = [statement]
    while waiting:
        level = _Level(waiting.pop())
        if level.bare - level.named:
            raise UnscopedQuery(f"named past the class: {', '.join(sorted(level.bare - level.named))}")
        waiting.extend(level.inner)


class _Level:
    """One select, update or delete: the tables it names through a class, those it names bare, and selects in it."""

    def __init__(self, top: Any) -> None:
        self.named: set[str] = set()
        self.bare: set[str] = set()
        self.inner: list[Any] = []
        waiting, seen = list(_parts_of(top)), dict[int, Any]()
        while waiting:
            element = waiting.pop()
            if id(element) not in seen:
                seen[id(element)] = element  # kept, so that no other element gets its number
                waiting.extend(self._look_at(element))

    def _look_at(self, element: Any) -> Iterable[Any]:
        """Note it; what is to be looked at further."""
        if isinstance(element, SelectBase):
            self.inner.append(element)
            return ()
        if not isinstance(element, (Column, FromClause)):
            return _parts_of(element)
        source = element.table if isinstance(element, Column) else element
        is_named = "parententity" in element._annotations
        if isinstance(source, Table):
            (self.named if is_named else self.bare).add(source.fullname)
            return ()
        if is_named and isinstance(getattr(source, "element", None), Table):
            return ()
        return _parts_of(source)


def _parts_of(element: Any) -> Iterable[Any]:
    """What it was built of; without the tables that SQLAlchemy adds to a select for its columns' sake."""
    if isinstance(element, Select):
        return HasTraverseInternals.get_children(element, omit_attrs=("_correlate", "_correlate_except"))
    children: Iterable[Any] = element.get_children()
    return children
