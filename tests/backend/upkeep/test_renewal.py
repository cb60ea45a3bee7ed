"""Secrets that are due are renewed without a person's word, once that was switched on: which, how many, which not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backend.bootstrap import Installation
from backend.engine.jobs import Done
from backend.engine.payload import Request
from backend.engine.scheduler import Scheduler
from backend.mail.change.requests import RenewPassword, RenewToken
from backend.mail.queries import MAIL_SECRETS_LAST
from backend.servers.queries import LOGIN_KEY_LASTS
from backend.servers.requests import RotateLoginKey
from backend.store.schema.fleet import Server
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job, RequestRow, Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.upkeep.queries import RenewalByItself
from backend.upkeep.renewal import AUTHOR, MOST_AT_ONCE, renew_by_themselves
from backend.upkeep.requests import RenewByThemselves, RenewDue
from tests.backend.mail.world import mail_server
from tests.backend.servers.steps import step_context
from tests.backend.store.rows import row_of
from tests.clocks import SetClock
from tests.installation import ask, open_installation
from tests.sample_data.servers import add_fleet, server_id

MAIL, PLAIN = 6, 7
DAY = timedelta(days=1)


class World:
    """A fleet in which nothing is due; one of its servers carries mail. Nothing runs but by the test."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.of: Installation = open_installation(folder, clock=self.clock)
        assert self.of.lock.take("test", self.clock.now())
        self.of.prepare_store()
        add_fleet(self.of, 24, samples=1)
        with self.of.store.write(ENGINE_SCOPE) as session:
            session.add(mail_server(server_id(MAIL), installed_at=self.clock.now()))

    def ages(self, number: int, **since: timedelta) -> None:
        """``login_key_since`` of the server, ``admin_since`` and ``api_token_since`` of its mail server."""
        with self.of.store.write(ENGINE_SCOPE) as session:
            for name, age in since.items():
                kind = Server if name == "login_key_since" else MailServer
                setattr(session.get_one(kind, (AGENCY, server_id(number))), name, self.clock.now() - age)

    def stands(self, number: int, **fields: Any) -> None:
        with self.of.store.write(ENGINE_SCOPE) as session:
            kind = MailServer if "state" in fields or "api_token_ref" in fields else Server
            for name, value in fields.items():
                setattr(session.get_one(kind, (AGENCY, server_id(number))), name, value)

    def job(self, kind: type[Request], number: int, state: str, *, ago: timedelta) -> None:
        at = self.clock.now() - ago
        with self.of.store.write(ENGINE_SCOPE) as session:
            session.add(row_of(Job, AGENCY, kind=kind.kind, about_id=server_id(number), state=state, requested_at=at))

    def looks(self, times: int = 1) -> str:
        """One run of the job, as often as after kills; what it said in the end."""
        request = RenewDue()
        context, (step,) = step_context(self.of, request), self.of.kinds[RenewDue.kind].steps(request)
        said = ""
        for _run in range(times):
            done = step.run(context)
            assert isinstance(done, Done)
            said = done.note
        return said

    def asked(self) -> list[tuple[str, str]]:
        """Kinds of all renewals that were asked for, and whose secrets."""
        with self.of.store.read(ENGINE_SCOPE) as session:
            rows = session.scalars(select(RequestRow).where(RequestRow.author == AUTHOR).order_by(RequestRow.kind))
            return [(row.kind, row.payload["server_id"]) for row in rows]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "data")
    yield made
    made.of.close()


def of(kind: type[Request], number: int) -> tuple[str, str]:
    return kind.kind, str(server_id(number))


def test_it_is_off_until_a_person_switches_it_on_and_then_daily(world: World) -> None:
    assert ask(world.of, RenewalByItself()).is_on is False
    with world.of.store.write(ENGINE_SCOPE) as session:
        assert renew_by_themselves(session, RenewByThemselves(True), world.clock.now()) == "on"
    row = ask(world.of, RenewalByItself())
    assert row.next_at is not None
    assert timedelta() < row.next_at - world.clock.now() <= DAY
    scheduler = Scheduler(world.of.store, world.clock, wake=lambda: None)
    with world.of.store.read(ENGINE_SCOPE) as session:
        schedule_id = session.scalars(select(Schedule.id).where(Schedule.kind == RenewDue.kind)).one()

    assert scheduler.run_due(AGENCY, schedule_id) is None
    world.clock.pass_by(days=1)
    assert scheduler.run_due(AGENCY, schedule_id) is not None
    assert scheduler.run_due(AGENCY, schedule_id) is None

    with world.of.store.write(ENGINE_SCOPE) as session:
        assert renew_by_themselves(session, RenewByThemselves(False), world.clock.now()) == "off"
    world.clock.pass_by(days=2)
    assert scheduler.run_due(AGENCY, schedule_id) is None


def test_a_start_of_the_program_leaves_the_switch_as_it_is(world: World) -> None:
    with world.of.store.write(ENGINE_SCOPE) as session:
        renew_by_themselves(session, RenewByThemselves(True), world.clock.now())

    world.of.prepare_store()

    assert ask(world.of, RenewalByItself()).is_on


def test_nothing_is_asked_for_before_its_time(world: World) -> None:
    world.ages(MAIL, login_key_since=LOGIN_KEY_LASTS - DAY, admin_since=MAIL_SECRETS_LAST - DAY)

    assert world.looks() == "0 renewals requested"
    world.clock.pass_by(days=2)
    assert world.looks().startswith("1 renewal requested")


def test_of_a_server_one_secret_a_day_the_longest_due_first(world: World) -> None:
    world.ages(MAIL, login_key_since=LOGIN_KEY_LASTS + DAY)
    world.ages(MAIL, admin_since=MAIL_SECRETS_LAST + 3 * DAY, api_token_since=MAIL_SECRETS_LAST + 2 * DAY)
    world.ages(PLAIN, login_key_since=LOGIN_KEY_LASTS + DAY)

    said = world.looks()

    assert said == "2 renewals requested, 2 wait for another day"
    assert world.asked() == [of(RenewPassword, MAIL), of(RotateLoginKey, PLAIN)]

    world.ages(MAIL, admin_since=DAY)
    world.ages(PLAIN, login_key_since=DAY)
    world.looks()
    assert of(RenewToken, MAIL) in world.asked()


@pytest.mark.parametrize(
    "fields",
    [
        {"maintenance_until": "later"},
        {"power": "off"},
        {"health": "critical"},
        {"life": "destroying"},
        {"host_key": None},
        {"is_ours": False},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_server_that_cannot_take_it_now_is_left_alone(world: World, fields: dict[str, Any]) -> None:
    until = {name: world.clock.now() + DAY for name, value in fields.items() if value == "later"}
    world.ages(PLAIN, login_key_since=2 * LOGIN_KEY_LASTS)
    world.stands(PLAIN, **fields | until)

    world.looks()

    assert world.asked() == []


@pytest.mark.parametrize(
    "fields",
    [{"state": "stopped"}, {"api_token_ref": None, "admin_ref": None, "is_adopted": True}],
    ids=["off", "watched"],
)
def test_a_mail_server_that_stands_still_or_is_watched_only_is_left_alone(world: World, fields: dict[str, Any]) -> None:
    world.ages(MAIL, admin_since=2 * MAIL_SECRETS_LAST, api_token_since=2 * MAIL_SECRETS_LAST)
    world.stands(MAIL, **fields)

    world.looks()

    assert world.asked() == []


def test_a_server_with_another_job_waits_for_another_day(world: World) -> None:
    world.ages(PLAIN, login_key_since=2 * LOGIN_KEY_LASTS)
    world.job(RotateLoginKey, PLAIN, "waiting_until", ago=3 * DAY)

    assert world.looks() == "0 renewals requested, 1 waits for another day"
    assert world.asked() == []


@pytest.mark.parametrize("state", ["failed", "cancelled", "rolled_back"])
def test_one_that_did_not_succeed_is_asked_for_again_on_the_next_day_only(world: World, state: str) -> None:
    world.ages(PLAIN, login_key_since=2 * LOGIN_KEY_LASTS)
    world.job(RotateLoginKey, PLAIN, state, ago=timedelta(hours=1))
    world.looks()
    assert world.asked() == []

    world.clock.pass_by(days=1)
    world.looks()
    assert world.asked() == [of(RotateLoginKey, PLAIN)]


def test_no_more_than_some_at_once(world: World) -> None:
    for number in range(MAIL, MAIL + MOST_AT_ONCE + 3):
        world.ages(number, login_key_since=2 * LOGIN_KEY_LASTS)

    assert world.looks() == f"{MOST_AT_ONCE} renewals requested, 3 wait for another day"
    assert len(world.asked()) == MOST_AT_ONCE


def test_a_run_that_was_cut_off_asks_for_nothing_twice(world: World) -> None:
    for number in range(MAIL, MAIL + MOST_AT_ONCE + 3):
        world.ages(number, login_key_since=2 * LOGIN_KEY_LASTS)

    world.looks(times=2)

    assert len(world.asked()) == MOST_AT_ONCE
