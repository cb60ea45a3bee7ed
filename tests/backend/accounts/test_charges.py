"""What accounts owe and were billed: asked of each, kept with its age, and named where one cannot be asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from backend.accounts.owed import Owed, OwedRow
from backend.store.schema.operations import Schedule
from backend.store.scope import ENGINE_SCOPE
from tests.backend.servers.world import World, without_machines

pytestmark = pytest.mark.judged_once


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with without_machines(tmp_path_factory.mktemp("charges")) as made:
        yield made


def owed(world: World) -> OwedRow:
    return next(row for row in world.ask(Owed()) if row.account_id == world.account)


def test_what_an_account_owes_is_told_with_its_bills_newest_first(world: World) -> None:
    job = world.ended("billing.read")

    assert world.driver.steps(job.id)[0].note == "1 account queried, 0 failed"
    row = owed(world)
    assert (row.balance_micro, row.so_far_micro, row.currency, row.trouble) == (0, 0, "USD", "")
    assert row.read_at is not None
    assert [bill.total_micro for bill in row.invoices] == [27_130_000, 25_860_000]
    days = [bill.issued for bill in row.invoices if bill.issued]
    assert days == sorted(days, reverse=True)


def test_asking_again_doubles_no_bill(world: World) -> None:
    world.ended("billing.read")
    before = owed(world).invoices

    world.ended("billing.read")

    assert owed(world).invoices == before != ()


def test_an_account_that_cannot_be_asked_is_named_and_what_was_known_stays(world: World) -> None:
    world.ended("billing.read")
    before = owed(world)
    world.emulator.fault("500", "GET", "/v2/customers/my/balance")

    job = world.ended("billing.read")

    assert job.state == "succeeded"
    assert world.driver.steps(job.id)[0].note == "1 account queried, 1 failed"
    row = owed(world)
    assert row.trouble == "DigitalOcean reported an internal error."
    assert (row.invoices, row.read_at) == (before.invoices, before.read_at)
    world.ended("billing.read")
    assert owed(world).trouble == ""


def test_accounts_are_asked_every_day_by_themselves(world: World) -> None:
    with world.installation.store.read(ENGINE_SCOPE) as session:
        (schedule,) = session.scalars(select(Schedule).where(Schedule.kind == "billing.read"))
    assert (schedule.every_s, schedule.enabled) == (86_400, True)
