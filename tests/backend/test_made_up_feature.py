"""One made-up feature, added to the others: it is found wherever the program does something with features."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import ColumnElement, select

from backend.attention import Asked, Ending, Need, NewsRow, Told
from backend.core.checks import DOMAIN, CheckKind
from backend.core.metrics import Metric, MetricGroup
from backend.core.present.status import Status
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.payload import Request
from backend.engine.queries import Jobs
from backend.engine.scheduler import Interval, repeating
from backend.engine.settings import Setting
from backend.feature import Feature, Features, Found, InEngine, Known, PaidResource, Sought, StoredSecret, Tools
from backend.features import FEATURES
from backend.inventory.queries import OrphanRow, Orphans
from backend.overview.news import News
from backend.overview.queries import Overview
from backend.revealing import StoredSecrets
from backend.store.retention import RetentionRule
from backend.store.rollups import DAY
from backend.store.schema.fleet import Price, Workspace
from backend.store.schema.operations import IntentRow, Job, Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from backend.store.series_key import SeriesKey
from tests.backend.servers.world import Loopback, World, in_haste, opened
from tests.backend.store.rows import row_of
from tests.emulators.process import Emulator
from tests.installation import until

LOST, NEEDS, TITLE = "bucket-7", "Somebody should water the plants", "bucket"
GROWTH = MetricGroup(
    "plants.growth",
    DOMAIN,
    (Metric("height", "cm", 0.1), Metric("leaves", "leaves", 1.0, "counter")),
    samples_kept=timedelta(days=2),
    rollups_kept=timedelta(days=5),
)
GARDEN = SeriesKey(GROWTH, AGENCY, UUID(int=77))


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
            checks=lambda: (CheckKind("plants.thirst", "Thirst", "server"),),
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


@pytest.fixture(scope="module")
def plants() -> Plants:
    return Plants()


@pytest.fixture(scope="module")
def world(plants: Plants, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("made_up")
    emulator = Emulator(folder / "emulator")
    features = Features((*FEATURES.all, plants.feature()))
    with in_haste(), opened(folder / "data", emulator, endpoint=Loopback(), features=features) as world:
        yield world
    assert plants.runs == ["started", "closed"]
    emulator.close()


def orphans(world: World) -> list[OrphanRow]:
    assert world.ended("orphans.scan").state == "succeeded"
    return [row for row in world.ask(Orphans(world.installation.features)).orphans if row.resource == TITLE]


def jobs(world: World) -> Jobs:
    return Jobs(ENGINE_SCOPE, world.installation.kinds)


def test_its_job_runs_when_requested_and_was_requested_at_the_start(world: World) -> None:
    job = world.ended(Water.kind)
    assert job.state == "succeeded"

    def started() -> list[Job]:
        with world.installation.store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(select(Job).where(Job.kind == Water.kind, Job.author == "schedule:start")))

    assert len(until(started, "the job requested at the start")) == 1
    assert [row.title for row in world.ask(jobs(world)) if row.id == job.id] == [WaterJob.title]


def test_its_schedule_is_kept(world: World) -> None:
    with world.installation.store.read(ENGINE_SCOPE) as session:
        assert session.scalars(select(Schedule.every_s).where(Schedule.kind == Water.kind)).all() == [3_600]


def test_its_setting_is_carried_out(world: World) -> None:
    world.driver.request("plants.name", {"name": "Greenhouse"})

    def name() -> bool:
        with world.installation.store.read(ENGINE_SCOPE) as session:
            return session.get_one(Workspace, AGENCY).name == "Greenhouse"

    until(name, "the setting")


def test_its_probe_observes(world: World, plants: Plants) -> None:
    assert world.installation.engine is not None
    assert plants.observed.wait(60)


def test_what_its_probe_measures_is_read_rolled_up_and_goes_when_its_time_is_over(world: World, plants: Plants) -> None:
    metrics, now = world.installation.metrics, int(world.installation.clock.now().timestamp())
    assert plants.observed.wait(60)
    newest = metrics.raw(ENGINE_SCOPE, GARDEN, now - DAY, now + DAY)
    assert [column[-1] for column in newest.values.values()] == [pytest.approx(12.3), 3.0]
    midnight = now - now % DAY
    for age in (1, 3, 6):
        metrics.add(ENGINE_SCOPE, GARDEN, midnight - age * DAY + 60, {"height": float(age), "leaves": 2.0})
        metrics.add(ENGINE_SCOPE, GARDEN, midnight - age * DAY + 120, {"leaves": 5.0})

    assert world.ended("store.maintain").state == "succeeded"

    samples = metrics.raw(ENGINE_SCOPE, GARDEN, 0, midnight).times.tolist()
    days = metrics.rollups(ENGINE_SCOPE, GARDEN, "leaves", span_s=DAY, since=0, until=midnight)
    assert samples == [midnight - DAY + 60, midnight - DAY + 120]
    assert [((midnight - day.at) // DAY, day.total) for day in days] == [(3, 7.0), (1, 7.0)]


def test_what_it_made_is_an_orphan_and_goes_on_request(world: World, plants: Plants) -> None:
    (row,) = orphans(world)
    assert (row.provider_id, row.what) == (LOST, TITLE)

    request = {"account_id": str(row.account_id), "resource": row.resource, "provider_id": row.provider_id}
    job = world.ended("orphan.remove", **request, typed_name=row.name)

    assert job.state == "succeeded", job.cause
    assert plants.standing == set()
    assert orphans(world) == []


@pytest.mark.parametrize(("is_found", "state", "number"), [(True, "created", "bucket of roses"), (False, "void", None)])
def test_its_open_orders_are_reconciled(
    world: World, plants: Plants, is_found: bool, state: str, number: str | None
) -> None:
    plants.is_found = is_found
    old = world.installation.clock.now() - timedelta(days=1)
    intent = row_of(
        IntentRow, AGENCY, account_id=world.account, resource=TITLE, name="roses", state="open", written_at=old
    )
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add(intent)

    assert world.ended("intents.reconcile").state == "succeeded"

    with world.installation.store.read(ENGINE_SCOPE) as session:
        row = session.get_one(IntentRow, (AGENCY, intent.id))
        assert (row.state, row.provider_id) == (state, number)


def test_what_it_needs_and_what_it_tells_stand_in_the_overview(world: World) -> None:
    overview, since = Overview(jobs(world), world.installation.features), world.installation.clock.now()
    news = News(jobs(world), world.installation.features, since - timedelta(hours=1))

    assert NEEDS in [need.title for need in world.ask(overview).needs]
    assert [each.title for each in world.ask(overview).endings] == ["Rose in bloom", "Seeds"]
    assert "A leaf fell" in [line.text for line in world.ask(news).lines]
    assert {"plants"} <= set(overview.topics) & set(news.topics)


def test_its_secret_may_be_revealed(world: World) -> None:
    found = world.ask(StoredSecrets(world.installation.features))
    assert ("plants/1", "Rose") in [(each.ref, each.about) for each in found]


def test_its_old_rows_go(world: World) -> None:
    now = world.installation.clock.now()
    old, young = (row_of(Price, AGENCY, as_of=now - timedelta(days=age)) for age in (2, 0))
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add_all((old, young))

    assert world.ended("store.maintain").state == "succeeded"

    with world.installation.store.read(ENGINE_SCOPE) as session:
        left = set(session.scalars(select(Price.id)))
    assert young.id in left
    assert old.id not in left


def test_its_check_and_the_jobs_that_explain_drift_are_known(world: World) -> None:
    assert "plants.thirst" in [check.key for check in world.installation.features.checks()]
    assert world.installation.kinds.changing_server > {Water.kind, "server.power", "server.resize", "server.restore"}


@pytest.mark.parametrize(
    "twin",
    [
        Feature("servers"),
        Feature("twin", paid=lambda: tuple(FEATURES.paid().values())),
        Feature("twin", metrics=FEATURES.metrics),
    ],
)
def test_two_of_one_name_are_refused(twin: Feature) -> None:
    with pytest.raises(ValueError, match="share a name"):
        _all_of(Features((*FEATURES.all, twin)))


def _all_of(features: Features) -> None:
    features.paid()
    features.metrics()


def test_listing_the_features_imports_none_of_what_they_do() -> None:
    script = (
        "import sys, backend.features\n"
        "heavy = {'sqlalchemy', 'paramiko', 'httpx', 'msgspec', 'numpy'} & set(sys.modules)\n"
        "jobs = {name for name in sys.modules if name.startswith('backend.') and name.endswith('jobs')}\n"
        "sys.exit(', '.join(sorted(heavy | jobs)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path.cwd(), timeout=60)
    assert done.returncode == 0, done.stderr
