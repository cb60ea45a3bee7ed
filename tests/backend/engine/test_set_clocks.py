"""The intent journal where somebody sets the clock: an order goes out again when the time has passed, not before."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backend.core.errors import NotYet, OutcomeUnknown
from backend.engine.intents import SHOWN_WITHIN, IntentJournal
from backend.store.database import Store
from backend.store.scope import AGENCY
from tests.backend.engine.late_cloud import Cloud, fail, waits
from tests.clocks import SetClock


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.mark.parametrize("by", [{"hours": 1}, {"hours": -1}, {"days": 365}, {"days": -365}], ids=str)
@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_clock_that_is_set_neither_orders_again_early_nor_delays_it(
    store: Store, cloud: Cloud, clock: SetClock, by: dict[str, float], is_restarted: bool
) -> None:
    """Once in ten minutes, also where the engine ended meanwhile and the clock was set before the next one began."""
    journal, job = IntentJournal(store, clock), uuid4()
    cloud.on_make, cloud.is_behind = fail(OutcomeUnknown("")), True
    with waits(clock):
        journal.create_once(AGENCY, job, cloud.wanted())
    for _look in range(5):
        with waits(clock):
            journal.create_once(AGENCY, job, cloud.wanted())
        clock.move(**by)
        journal = IntentJournal(store, clock) if is_restarted else journal
        with waits(clock):
            journal.create_once(AGENCY, job, cloud.wanted())
    assert len(cloud.things) == 1

    clock.pass_by(seconds=SHOWN_WITHIN.total_seconds())
    cloud.on_make, cloud.is_behind = lambda: None, True
    journal.create_once(AGENCY, job, cloud.wanted())
    assert len(cloud.things) == 2


def test_engines_that_live_shortly_get_to_the_second_order_too(store: Store, cloud: Cloud, clock: SetClock) -> None:
    """Of what passed between two of them no more counts than the longest time between two looks."""
    cloud.on_make, cloud.is_behind = fail(OutcomeUnknown("")), True
    job, engines = uuid4(), 0
    while len(cloud.things) < 2 and engines < 40:
        engines += 1
        with pytest.raises(NotYet):
            IntentJournal(store, clock).create_once(AGENCY, job, cloud.wanted())
        clock.pass_by(hours=1)

    assert 20 <= engines <= 22


@pytest.mark.parametrize("by", [{"hours": 1}, {"days": -365}], ids=str)
def test_a_clock_that_is_set_takes_nothing_for_removed_early(
    store: Store, cloud: Cloud, clock: SetClock, by: dict[str, float]
) -> None:
    journal, job = IntentJournal(store, clock), uuid4()
    journal.create_once(AGENCY, job, cloud.wanted())
    clock.move(**by)
    with waits(clock):
        journal.never_seen(AGENCY, job, "server")

    clock.pass_by(seconds=SHOWN_WITHIN.total_seconds())
    journal.never_seen(AGENCY, job, "server")
    assert journal.of_job(AGENCY, job)["server"].state == "removed"
