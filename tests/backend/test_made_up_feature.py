"""One made-up feature, added to the others: it is found wherever the program does something with features."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.core.checks import DOMAIN
from backend.core.present.status import Status
from backend.engine.queries import Jobs
from backend.feature import Feature, Features
from backend.features import FEATURES
from backend.inventory.queries import OrphanRow, Orphans
from backend.overview.news import News
from backend.overview.queries import Overview
from backend.revealing import StoredSecrets
from backend.store.rollups import DAY
from backend.store.schema.fleet import Price, Workspace
from backend.store.schema.observations import CheckInterval
from backend.store.schema.operations import IntentRow, Job, Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.made_up import GARDEN, LOST, NEEDS, THIRST, TITLE, Plants, Water, WaterJob
from tests.backend.servers.world import Loopback, World, in_haste, opened
from tests.backend.store.rows import row_of
from tests.emulators.process import Emulator
from tests.installation import until


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


def test_what_its_check_says_of_a_domain_is_a_need_and_kept_with_its_beginning(world: World, plants: Plants) -> None:
    assert plants.observed.wait(60)

    found = world.ask(Overview(jobs(world), world.installation.features)).needs
    (need,) = [need for need in found if need.title == "garden.example"]

    assert (need.kind, need.target, need.status) == (DOMAIN, GARDEN.id, Status.WARNING)
    assert (need.detail, need.since) == ("Thirst: dry", kept_since(world))


def kept_since(world: World) -> datetime:
    """When the interval began that holds now."""
    with world.installation.store.read(ENGINE_SCOPE) as session:
        of_garden = select(CheckInterval).where(CheckInterval.check_key == THIRST.key)
        (interval,) = session.scalars(of_garden)
    assert (interval.verdict, interval.subject_id) == ("warning", GARDEN.id)
    return interval.since


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
