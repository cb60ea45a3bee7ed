"""What the demo's servers lived through before it began: rows of ``packaging/demo_past.py``, brought to a day.

A cell of a row is a plain value, or says in a mapping of one word what it becomes: a moment (``since``, ``midnight``),
an id by a name (``server``, ``account``, ``schedule``), an ``address``, an author, or ``words`` in the reader's
language.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import JSON, Uuid, inspect

from backend.core.present.text import _
from backend.engine.scheduler import AUTHOR
from backend.store.schema import tables
from backend.store.schema.base import Base
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.store.scope import ScopedSession

Cell = str | int | float | bool | None | Mapping[str, Any]
Row = dict[str, Any]

FILE = "resources/demo/past.json.gz"
#: Seconds from the beginning of the fleet, and from the midnight (UTC) of the day on which the demo begins.
#: Or before now, below zero.
BEGINNING, CALENDAR, NOW = "since", "midnight", "now"
OF_JOB = frozenset({"job_step", "job_log"})
TABLES = {table.__tablename__: table for table in tables()}


@dataclass(frozen=True)
class Names:
    """Ids of what the past tells of, by the words it tells them by; ``addresses`` are those of servers."""

    servers: Mapping[str, UUID]
    accounts: Mapping[str, UUID]
    schedules: Mapping[str, UUID]
    addresses: Mapping[str, str]


class Past:
    """One past, told of a fleet that began at ``since``, on the day of ``now``."""

    def __init__(self, since: datetime, now: datetime) -> None:
        self.since = since
        self._bases = {BEGINNING: since, CALENDAR: now.replace(hour=0, minute=0, second=0, microsecond=0), NOW: now}

    @cached_property
    def _told(self) -> Mapping[str, Any]:
        packed = files("resources").joinpath(*FILE.split("/")[1:]).read_bytes()
        told: Mapping[str, Any] = json.loads(gzip.decompress(packed))
        return told

    def snapshots_of(self, server: str) -> list[dict[str, Any]]:
        """What its cloud keeps of it: ``id``, ``name``, ``at``, ``size_gb``."""
        kept = self._told["machines"][server]["snapshots"]
        return [each | {"at": self.moment(each["at"])} for each in kept]

    def reverse_of(self, server: str) -> str | None:
        """The reverse DNS name that was set at its cloud."""
        name: str | None = self._told["machines"][server].get("reverse")
        return name

    def plans_before(self, server: str) -> list[tuple[str, datetime]]:
        """Plans it had before the one it has, and until when."""
        return [(each["plan"], self.moment(each["until"])) for each in self._told["machines"][server].get("plans", ())]

    def moment(self, cell: Mapping[str, float]) -> datetime:
        ((base, seconds),) = cell.items()
        return self._bases[base] + timedelta(seconds=seconds)

    def write(self, session: ScopedSession, names: Names) -> None:
        """What belongs to a job goes after it."""
        told: Sequence[tuple[str, Row]] = self._told["rows"]
        rows = [(table in OF_JOB, self.row(TABLES[table], row, names)) for table, row in told]
        for is_later in (False, True):
            session.add_all(row for is_of_job, row in rows if is_of_job is is_later)
            session.flush()

    def row(self, table: type[Base], told: Row, names: Names) -> Base:
        """:raises KeyError: the table has no such column, or nothing here has such a name."""
        columns = inspect(table).columns
        cells = {name: self._cell(columns[name].type, value, names) for name, value in told.items()}
        return table(tenant_id=AGENCY, **cells)

    def _cell(self, kind: Any, told: Cell, names: Names) -> Any:
        if isinstance(kind, JSON):
            return self._plain(told, names)
        value = self._resolved(told, names) if isinstance(told, Mapping) else told
        if isinstance(kind, Uuid) and isinstance(value, str):
            return UUID(value)
        return value

    def _plain(self, told: Any, names: Names) -> Any:
        """A request as it is stored: ids in it are words."""
        if not isinstance(told, Mapping):
            return told
        if len(told) == 1 and next(iter(told)) in ("server", "account", "address"):
            return str(self._resolved(told, names))
        return {key: self._plain(value, names) for key, value in told.items()}

    def _resolved(self, told: Mapping[str, Any], names: Names) -> Any:
        ((word, value),) = told.items()
        if word in self._bases:
            return self.moment(told)
        find: Mapping[str, Callable[[], Any]] = {
            "server": lambda: names.servers[value],
            "account": lambda: names.accounts[value],
            "schedule": lambda: names.schedules[value],
            "address": lambda: names.addresses[value],
            "scheduled": lambda: f"{AUTHOR}:{names.schedules[value]}",
            "words": lambda: self._words(value[0], value[1], names),
        }
        return find[word]()

    def _words(self, msgid: str, values: Mapping[str, Cell], names: Names) -> str:
        found = {
            key: self._resolved(each, names) if isinstance(each, Mapping) else each for key, each in values.items()
        }
        return _(msgid).format(**found)
