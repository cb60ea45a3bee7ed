"""The intent journal: at most one thing comes to be, whatever is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from backend.core.errors import (
    AlreadyThere,
    LimitReached,
    MailyardError,
    NoNetwork,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
)
from backend.engine.intents import SHOWN_WITHIN, IntentJournal
from backend.store.database import Store
from backend.store.scope import AGENCY
from tests.backend.engine.late_cloud import Cloud, Killed, fail, waits
from tests.clocks import SetClock


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def journal(store: Store, clock: SetClock) -> IntentJournal:
    return IntentJournal(store, clock)


@pytest.fixture
def job() -> UUID:
    return uuid4()


def test_a_thing_is_made_once_and_remembered(journal: IntentJournal, cloud: Cloud, job: UUID) -> None:
    assert [journal.create_once(AGENCY, job, cloud.wanted()) for _each in range(3)] == ["n0", "n0", "n0"]
    intent = journal.of_job(AGENCY, job)["server"]
    assert (cloud.things, cloud.looks) == ([intent.id], 0)
    assert (intent.state, intent.provider_id) == ("created", "n0")


def test_other_keys_and_other_jobs_make_things_of_their_own(journal: IntentJournal, cloud: Cloud, job: UUID) -> None:
    made = [
        journal.create_once(AGENCY, job, cloud.wanted("one")),
        journal.create_once(AGENCY, job, cloud.wanted("two")),
        journal.create_once(AGENCY, uuid4(), cloud.wanted("one")),
    ]
    assert made == ["n0", "n1", "n2"]
    assert len(set(cloud.things)) == 3


def test_a_thing_whose_answer_was_lost_is_found_by_looking(journal: IntentJournal, cloud: Cloud, job: UUID) -> None:
    cloud.on_make = fail(OutcomeUnknown(""))

    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert len(cloud.things) == 1


@pytest.mark.parametrize("lag_s", [5, 13, 45, 300, 590])
def test_what_is_shown_late_is_waited_for_and_ordered_once(
    journal: IntentJournal, cloud: Cloud, clock: SetClock, job: UUID, lag_s: int
) -> None:
    cloud.on_make, cloud.is_behind = fail(OutcomeUnknown("")), True
    shown_at = clock.now() + timedelta(seconds=lag_s)
    while clock.now() < shown_at:
        with waits(clock):
            journal.create_once(AGENCY, job, cloud.wanted())
    assert job in [intent.job_id for intent in journal.unsettled()]

    cloud.is_behind = False
    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert len(cloud.things) == 1
    assert cloud.looks < 40, "a provider is not asked without end"


@pytest.mark.parametrize("is_made", [True, False])
def test_what_a_kill_cut_off_before_its_answer_is_waited_for_too(
    journal: IntentJournal, cloud: Cloud, clock: SetClock, job: UUID, is_made: bool
) -> None:
    """The request was sent and its sender died: a provider that takes its time makes the thing all the same."""
    if is_made:
        cloud.on_make, cloud.is_behind = fail(Killed()), True
    else:
        cloud.before_make = fail(Killed())
    with pytest.raises(Killed):
        journal.create_once(AGENCY, job, cloud.wanted())
    intent = journal.intent_of(AGENCY, job, "server")
    assert intent is not None
    with waits(clock):
        journal.create_once(AGENCY, job, cloud.wanted())

    cloud.things, cloud.is_behind = [intent], False

    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert cloud.things == [intent]


def test_a_request_that_never_arrived_is_sent_again_when_it_would_be_shown(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock
) -> None:
    cloud.before_make = fail(OutcomeUnknown(""))
    with waits(clock):
        journal.create_once(AGENCY, job, cloud.wanted())
    intent = journal.intent_of(AGENCY, job, "server")

    clock.pass_by(seconds=SHOWN_WITHIN.total_seconds())
    cloud.before_make = lambda: None
    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert cloud.things == [intent]


def test_a_second_order_is_waited_for_as_long_and_then_it_is_for_a_person_to_say(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock
) -> None:
    sent = list[UUID]()
    cloud.before_make = fail(OutcomeUnknown(""))

    def make(intent: UUID) -> str:
        sent.append(intent)
        return cloud.make(intent)

    wanted = replace(cloud.wanted(), make=make)
    for orders in (1, 2):
        with waits(clock):
            journal.create_once(AGENCY, job, wanted)
        with waits(clock):
            journal.create_once(AGENCY, job, wanted)
        assert len(sent) == orders
        clock.pass_by(seconds=SHOWN_WITHIN.total_seconds())
    with pytest.raises(ProviderRefused, match="does not list it") as left_to_a_person:
        journal.create_once(AGENCY, job, wanted)
    assert "roll back" in left_to_a_person.value.remedy
    assert len(sent) == 2

    cloud.before_make = lambda: None
    assert journal.create_once(AGENCY, job, wanted) == "n0"
    assert sent == [journal.intent_of(AGENCY, job, "server")] * 3


def test_a_second_order_that_is_refused_because_the_first_is_there_is_no_failure(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock
) -> None:
    cloud.on_make, cloud.is_behind = fail(OutcomeUnknown("")), True
    with waits(clock):
        journal.create_once(AGENCY, job, cloud.wanted())
    clock.pass_by(seconds=SHOWN_WITHIN.total_seconds())

    cloud.before_make = fail(AlreadyThere("Label must be unique"))
    with waits(clock):
        journal.create_once(AGENCY, job, cloud.wanted())

    cloud.is_behind = False
    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert len(cloud.things) == 1


@pytest.mark.parametrize("error", [NoNetwork(""), LimitReached("")])
def test_a_second_order_that_did_not_go_out_leaves_what_is_known_of_the_first(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock, error: MailyardError
) -> None:
    cloud.before_make = fail(OutcomeUnknown(""))
    with waits(clock):
        journal.create_once(AGENCY, job, cloud.wanted())
    clock.pass_by(seconds=SHOWN_WITHIN.total_seconds())
    before = journal.of_job(AGENCY, job)["server"]

    cloud.before_make = fail(error)
    with pytest.raises(type(error)):
        journal.create_once(AGENCY, job, cloud.wanted())
    assert journal.of_job(AGENCY, job)["server"] == before

    cloud.before_make = lambda: None
    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert cloud.things == [before.id]


def test_a_look_that_fails_after_a_lost_answer_orders_nothing(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock
) -> None:
    cloud.on_make, cloud.on_look = fail(OutcomeUnknown("")), fail(ProviderUnavailable(""))
    for _try in range(3):
        with pytest.raises(ProviderUnavailable):
            journal.create_once(AGENCY, job, cloud.wanted())
        clock.pass_by(minutes=20)

    assert len(cloud.things) == 1
    assert [intent.state for intent in journal.of_job(AGENCY, job).values()] == ["open"]


def test_what_may_be_repeated_goes_out_again_at_once(journal: IntentJournal, cloud: Cloud, job: UUID) -> None:
    wanted = replace(cloud.wanted(), may_repeat=True)
    cloud.before_make = fail(OutcomeUnknown("no answer"))
    with pytest.raises(OutcomeUnknown, match="no answer"):
        journal.create_once(AGENCY, job, wanted)
    intent = journal.intent_of(AGENCY, job, "server")

    cloud.before_make = lambda: None
    assert journal.create_once(AGENCY, job, wanted) == "n0"
    assert cloud.things == [intent]


@pytest.mark.parametrize("error", [ProviderRefused(""), NoNetwork("")])
def test_a_refusal_is_passed_on_at_once(journal: IntentJournal, cloud: Cloud, job: UUID, error: Exception) -> None:
    cloud.before_make = fail(error)
    with pytest.raises(type(error)):
        journal.create_once(AGENCY, job, cloud.wanted())
    assert (cloud.things, cloud.looks) == ([], 0)


def test_a_thing_removed_on_purpose_is_made_anew_under_a_new_intent(
    journal: IntentJournal, cloud: Cloud, job: UUID
) -> None:
    journal.create_once(AGENCY, job, cloud.wanted())
    first = journal.intent_of(AGENCY, job, "server")
    journal.removed(AGENCY, job, "server")
    assert journal.of_job(AGENCY, job)["server"].state == "removed"

    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n1"
    assert journal.intent_of(AGENCY, job, "server") != first


def test_an_intent_that_never_came_to_be_is_opened_again(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock
) -> None:
    cloud.before_make = fail(OutcomeUnknown(""))
    with waits(clock):
        journal.create_once(AGENCY, job, cloud.wanted())
    journal.settle(journal.of_job(AGENCY, job)["server"], "void", None)
    assert job not in [intent.job_id for intent in journal.unsettled()]

    cloud.before_make = lambda: None
    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert journal.of_job(AGENCY, job)["server"].state == "created"


def test_reconciliation_does_not_undo_what_the_job_itself_settled_meanwhile(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock
) -> None:
    cloud.on_make, cloud.is_behind = fail(OutcomeUnknown("")), True
    with waits(clock):
        journal.create_once(AGENCY, job, cloud.wanted())
    checked_at = journal.of_job(AGENCY, job)["server"]
    cloud.is_behind = False
    journal.create_once(AGENCY, job, cloud.wanted())

    journal.settle(checked_at, "void", None)

    assert journal.of_job(AGENCY, job)["server"].provider_id == "n0"


@pytest.mark.parametrize("is_answered", [True, False])
def test_what_is_not_shown_yet_is_not_taken_for_removed(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock, is_answered: bool
) -> None:
    if not is_answered:
        cloud.on_make, cloud.is_behind = fail(OutcomeUnknown("")), True
        with waits(clock):
            journal.create_once(AGENCY, job, cloud.wanted())
    else:
        journal.create_once(AGENCY, job, cloud.wanted())
    with waits(clock):
        journal.never_seen(AGENCY, job, "server")
    assert journal.of_job(AGENCY, job)["server"].state == ("created" if is_answered else "open")

    clock.pass_by(seconds=SHOWN_WITHIN.total_seconds())
    journal.never_seen(AGENCY, job, "server")
    assert journal.of_job(AGENCY, job)["server"].state == "removed"


def test_the_number_an_answer_told_is_known_from_then_on(journal: IntentJournal, cloud: Cloud, job: UUID) -> None:
    assert journal.number_of(AGENCY, job, "server") is None
    journal.create_once(AGENCY, job, cloud.wanted())
    assert journal.number_of(AGENCY, job, "server") == "n0"
    journal.removed(AGENCY, job, "server")
    assert journal.number_of(AGENCY, job, "server") is None


def test_removing_what_was_never_meant_changes_nothing(journal: IntentJournal, job: UUID) -> None:
    journal.removed(AGENCY, job, "server")
    journal.never_seen(AGENCY, job, "server")
    assert journal.intent_of(AGENCY, job, "server") is None


@pytest.mark.parametrize("error", [NoNetwork(""), ProviderRefused(""), LimitReached("")])
def test_a_call_that_was_surely_not_carried_out_is_made_anew(
    journal: IntentJournal, cloud: Cloud, job: UUID, error: MailyardError
) -> None:
    def refused(_intent: UUID) -> str:
        raise error

    with pytest.raises(type(error)):
        journal.create_once(AGENCY, job, replace(cloud.wanted(), make=refused))

    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert len(cloud.things) == 1
