"""A made-up feature with one of everything that a feature can bring, for the tests to find again."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement

from backend.attention import Asked, Ending, Need, NewsRow, Told
from backend.core.checks import DOMAIN, CheckKind, Subject, Verdict
from backend.core.metrics import Metric, MetricGroup
from backend.core.present.message import Message
from backend.core.present.status import Status
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.payload import Request
from backend.engine.scheduler import Interval, repeating
from backend.engine.settings import Setting
from backend.feature import Feature, Found, InEngine, Known, PaidResource, Sought, StoredSecret, Tools
from backend.fleet.verdicts import record_verdict
from backend.store.retention import RetentionRule
from backend.store.schema.fleet import Price, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from backend.store.series_key import SeriesKey

LOST, NEEDS, TITLE = "bucket-7", "Somebody should water the plants", "bucket"
GROWTH = MetricGroup(
    "plants.growth",
    DOMAIN,
    (Metric("height", "cm", 0.1), Metric("leaves", "leaves", 1.0, "counter")),
    samples_kept=timedelta(days=2),
    rollups_kept=timedelta(days=5),
)
GARDEN = SeriesKey(GROWTH, AGENCY, UUID(int=77))
THIRST = CheckKind("plants.thirst", "Thirst", DOMAIN, counts_for_health=True)


@dataclass(frozen=True)
class Water(Request, kind="plants.water", changes_server=True):
    """Water the plants."""


@dataclass(frozen=True)
class NamePlants(Request, kind="plants.name"):
    """Give them a name."""

    name: str


class WaterJob:
    """A job with one step."""

    request: ClassVar[type[Water]] = Water
    version: ClassVar[int] = 1
    title: ClassVar[str] = "Water the plants"
    priority: ClassVar[int] = 50
    owner: ClassVar[Owner] = "agency"

    def accept(self, _session: object, _request: Water) -> Accepted:
        return Accepted(lane="plants", about="")

    def steps(self, _request: Water) -> Sequence[Step[Water]]:
        return (Step("pour", "Pour", self._pour),)

    def _pour(self, _ctx: object) -> StepOutcome:
        return Done("watered")


class Plants:
    """What the made-up feature did and what stands at its provider, for the test to ask."""

    name = "plants"
    every_s = 60.0

    def __init__(self) -> None:
        self.tools: Tools | None = None
        self.observed = threading.Event()
        self.runs: list[str] = []
        self.standing = {LOST}
        self.is_found = False

    def feature(self) -> Feature:
        return Feature(
            "plants",
            jobs=lambda _tools: (WaterJob(),),
            in_engine=self._in_engine,
            schedules=lambda now: (repeating(Water(), Interval(3_600, 60), now + timedelta(hours=1)),),
            at_start=lambda: (Water(),),
            paid=lambda: (PaidResource(TITLE, TITLE, self._listed, _known, self._find, self._delete),),
            checks=lambda: (THIRST,),
            metrics=lambda: (GROWTH,),
            needs=lambda asked: (Need("server", None, Status.WARNING, NEEDS, "", "", asked.now, "Open"),),
            endings=_endings,
            news=_news,
            topics=frozenset({"plants"}),
            retention=lambda: (RetentionRule(Price, timedelta(days=1), _old_prices),),
            stored_secrets=lambda _session: (StoredSecret("plants/1", "Seed", "Rose"),),
        )

    def _in_engine(self, tools: Tools) -> InEngine:
        self.tools = tools
        return InEngine(settings=(Setting(NamePlants, _name),), probes=(self,), parts=(self,))

    def start(self) -> None:
        self.runs.append("started")

    def close(self) -> None:
        self.runs.append("closed")

    def subjects(self) -> Sequence[UUID]:
        return (GARDEN.id,)

    def observe(self, subject: UUID) -> None:
        assert self.tools is not None
        now = int(self.tools.clock.now().timestamp())
        sample = {"height": 12.34, "leaves": 3.0}
        self.tools.metrics.add(ENGINE_SCOPE, SeriesKey(GROWTH, AGENCY, subject), now, sample)
        garden, dry = Subject(DOMAIN, AGENCY, subject, "garden.example"), Verdict("warning", Message("dry"))
        with self.tools.store.write(ENGINE_SCOPE) as session:
            record_verdict(session, garden, THIRST, dry, self.tools.clock.now())
        self.observed.set()

    def doubt(self, _subject: UUID) -> None: ...

    def gap(self, _seconds: float) -> None: ...

    def _listed(self, _provider: object) -> Sequence[Found]:
        return [Found(each, each, frozenset({each}), is_tagged=True) for each in sorted(self.standing)]

    def _find(self, _provider: object, sought: Sought) -> str | None:
        return f"{TITLE} of {sought.intent.name}" if self.is_found else None

    def _delete(self, _provider: object, provider_id: str) -> None:
        self.standing.discard(provider_id)


def _known(_session: object, _account: UUID) -> Known:
    return Known(frozenset())


def _endings(asked: Asked) -> Sequence[Ending]:
    days = {"Rose in bloom": 2, "Seeds": 29, "Bulbs": 31, "Weeds": -1}
    return [Ending("plant", uuid4(), title, asked.now + timedelta(days=left)) for title, left in days.items()]


def _news(asked: Asked, _since: datetime) -> Told:
    return Told((NewsRow(asked.now, "plants", "A leaf fell", None),), 1)


def _name(session: ScopedSession, request: NamePlants, _now: datetime) -> None:
    session.get_one(Workspace, AGENCY).name = request.name


def _old_prices(before: datetime) -> ColumnElement[bool]:
    return Price.as_of < before
