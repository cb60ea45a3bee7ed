"""The intent journal: at most one thing comes to be, whatever is lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from backend.core.errors import AnswerUnknown, LimitReached, MailyardError, NoNetwork, ProviderRefused
from backend.engine.intents import LOOKS, UNDER_WAY_S, IntentJournal, Wanted
from backend.store.database import Store
from backend.store.scope import AGENCY
from tests.backend.engine.bench import SetClock


class Cloud:
    """A provider of one kind of thing; ``shows_after`` looks it takes until a new thing is seen."""

    def __init__(self) -> None:
        self.things: list[UUID] = []
        self.looks = 0
        self.shows_after = 0
        self.on_make: Callable[[], None] = lambda: None
        self.before_make: Callable[[], None] = lambda: None
        self.on_look: Callable[[], object] = lambda: None

    def look(self, intent: UUID) -> str | None:
        self.looks += 1
        self.on_look()
        is_seen = intent in self.things and self.looks > self.shows_after
        return f"n{self.things.index(intent)}" if is_seen else None

    def make(self, intent: UUID) -> str:
        self.before_make()
        self.things.append(intent)
        self.on_make()
        return f"n{len(self.things) - 1}"

    def wanted(self, key: str = "server") -> Wanted:
        return Wanted(key, uuid4(), "server", "mx1", look=self.look, make=self.make)


class Killed(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


def fail(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def journal(store: Store, clock: SetClock) -> IntentJournal:
    return IntentJournal(store, clock, between_looks_s=0.0)


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
    cloud.on_make, cloud.shows_after = fail(AnswerUnknown("")), LOOKS - 1  # the list is behind the truth

    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert len(cloud.things) == 1


def test_a_thing_that_looking_does_not_find_stays_open_and_is_looked_for_first_next_time(
    journal: IntentJournal, cloud: Cloud, job: UUID
) -> None:
    cloud.on_make, cloud.shows_after = fail(AnswerUnknown("")), LOOKS + 1
    with pytest.raises(AnswerUnknown):
        journal.create_once(AGENCY, job, cloud.wanted())
    assert job in [intent.job_id for intent in journal.unsettled()]

    cloud.shows_after = 0
    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert len(cloud.things) == 1


def test_a_request_that_never_arrived_is_sent_again_under_the_same_intent(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock
) -> None:
    cloud.before_make = fail(AnswerUnknown(""))
    with pytest.raises(AnswerUnknown):
        journal.create_once(AGENCY, job, cloud.wanted())
    intent = journal.intent_of(AGENCY, job, "server")

    clock.move(seconds=UNDER_WAY_S)
    cloud.before_make = lambda: None
    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert cloud.things == [intent]


@pytest.mark.parametrize("error", [ProviderRefused(""), NoNetwork("")])
def test_a_refusal_is_passed_on_at_once(journal: IntentJournal, cloud: Cloud, job: UUID, error: Exception) -> None:
    cloud.before_make = fail(error)
    with pytest.raises(type(error)):
        journal.create_once(AGENCY, job, cloud.wanted())
    assert (cloud.things, cloud.looks) == ([], 0)


def test_a_call_still_under_way_when_its_caller_was_killed_is_waited_for(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock
) -> None:
    """The request was sent and its sender died: a provider that takes its time makes the thing all the same."""
    cloud.before_make = fail(Killed())
    with pytest.raises(Killed):
        journal.create_once(AGENCY, job, cloud.wanted())
    intent = journal.intent_of(AGENCY, job, "server")
    assert intent is not None
    cloud.on_look = lambda: cloud.looks == 3 and cloud.things.append(intent)  # type: ignore[func-returns-value]

    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert (cloud.things, cloud.looks) == ([intent], 3)


@pytest.mark.parametrize("is_made", [True, False])
def test_a_kill_between_the_intent_and_its_settling_makes_no_second_thing(
    journal: IntentJournal, cloud: Cloud, job: UUID, is_made: bool, clock: SetClock
) -> None:
    if is_made:
        cloud.on_make = fail(Killed())
    else:
        cloud.before_make = fail(Killed())
    with pytest.raises(Killed):
        journal.create_once(AGENCY, job, cloud.wanted())
    assert [intent.state for intent in journal.of_job(AGENCY, job).values()] == ["open"]

    cloud.on_make = cloud.before_make = lambda: None
    clock.move(seconds=UNDER_WAY_S)
    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert cloud.things == [journal.intent_of(AGENCY, job, "server")]


def test_a_thing_removed_on_purpose_is_made_anew_under_a_new_intent(
    journal: IntentJournal, cloud: Cloud, job: UUID
) -> None:
    journal.create_once(AGENCY, job, cloud.wanted())
    first = journal.intent_of(AGENCY, job, "server")
    journal.removed(AGENCY, job, "server")
    assert journal.of_job(AGENCY, job)["server"].state == "removed"

    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n1"
    assert journal.intent_of(AGENCY, job, "server") != first


def test_an_intent_that_never_came_to_be_is_opened_again(journal: IntentJournal, cloud: Cloud, job: UUID) -> None:
    cloud.before_make = fail(AnswerUnknown(""))
    with pytest.raises(AnswerUnknown):
        journal.create_once(AGENCY, job, cloud.wanted())
    journal.settle(journal.of_job(AGENCY, job)["server"], "void", None)
    assert job not in [intent.job_id for intent in journal.unsettled()]

    cloud.before_make = lambda: None
    assert journal.create_once(AGENCY, job, cloud.wanted()) == "n0"
    assert journal.of_job(AGENCY, job)["server"].state == "created"


def test_reconciliation_does_not_undo_what_the_job_itself_settled_meanwhile(
    journal: IntentJournal, cloud: Cloud, job: UUID, clock: SetClock
) -> None:
    cloud.before_make = fail(AnswerUnknown(""))
    with pytest.raises(AnswerUnknown):
        journal.create_once(AGENCY, job, cloud.wanted())
    clock.move(seconds=UNDER_WAY_S)
    looked_at = journal.of_job(AGENCY, job)["server"]
    cloud.before_make = lambda: None
    journal.create_once(AGENCY, job, cloud.wanted())

    journal.settle(looked_at, "void", None)

    assert journal.of_job(AGENCY, job)["server"].provider_id == "n0"


def test_removing_what_was_never_meant_changes_nothing(journal: IntentJournal, job: UUID) -> None:
    journal.removed(AGENCY, job, "server")
    assert journal.intent_of(AGENCY, job, "server") is None


def once(cloud: Cloud) -> Wanted:
    """A thing that a provider shows late, and that an order sent twice would make twice."""
    return replace(cloud.wanted(), may_repeat=False)


def test_what_may_not_be_repeated_is_only_looked_for_once_its_call_may_have_gone_out(
    journal: IntentJournal, cloud: Cloud, clock: SetClock, job: UUID
) -> None:
    cloud.on_make, cloud.shows_after = fail(AnswerUnknown("")), 10_000
    with pytest.raises(AnswerUnknown):
        journal.create_once(AGENCY, job, once(cloud))
    for _try in range(5):
        clock.move(minutes=1)
        with pytest.raises(AnswerUnknown, match="does not show it"):
            journal.create_once(AGENCY, job, once(cloud))
    clock.move(minutes=10)
    with pytest.raises(ProviderRefused, match="does not show it") as left_to_a_person:
        journal.create_once(AGENCY, job, once(cloud))
    assert "roll back" in left_to_a_person.value.remedy
    assert len(cloud.things) == 1

    cloud.shows_after = 0
    assert journal.create_once(AGENCY, job, once(cloud)) == "n0"
    assert len(cloud.things) == 1


def test_what_a_kill_cut_off_before_its_answer_is_not_repeated_either(
    journal: IntentJournal, cloud: Cloud, clock: SetClock, job: UUID
) -> None:
    cloud.on_make, cloud.shows_after = fail(Killed()), 10_000
    with pytest.raises(Killed):
        journal.create_once(AGENCY, job, once(cloud))
    clock.move(minutes=1)

    with pytest.raises(AnswerUnknown):
        journal.create_once(AGENCY, job, once(cloud))

    assert len(cloud.things) == 1


@pytest.mark.parametrize("error", [NoNetwork(""), ProviderRefused(""), LimitReached("")])
def test_a_call_that_was_surely_not_carried_out_is_made_anew(
    journal: IntentJournal, cloud: Cloud, job: UUID, error: MailyardError
) -> None:
    def refused(_intent: UUID) -> str:
        raise error

    with pytest.raises(type(error)):
        journal.create_once(AGENCY, job, replace(once(cloud), make=refused))

    assert journal.create_once(AGENCY, job, once(cloud)) == "n0"
    assert len(cloud.things) == 1
