"""Which run comes next: pure rules."""

from __future__ import annotations

from uuid import uuid4

from backend.engine.admission import Admission
from backend.engine.dispatcher import RunOrder
from backend.store.scope import AGENCY


def order(lane: str, priority: int = 10, run: int = 1) -> RunOrder:
    return RunOrder(AGENCY, uuid4(), run, lane, priority)


def drained(admission: Admission) -> list[RunOrder]:
    found = []
    while (run := admission.next()) is not None:
        found.append(run)
    return found


def test_the_most_urgent_come_first_and_equals_in_their_order() -> None:
    admission = Admission(9)
    runs = [order("a", 50), order("b", 10), order("c", 1), order("d", 10)]
    for run in runs:
        admission.wait(run)

    assert drained(admission) == [runs[2], runs[1], runs[3], runs[0]]


def test_one_run_of_a_lane_is_under_way_until_it_ended() -> None:
    admission = Admission(9)
    first, second, other = order("a", 10), order("a", 1), order("b", 80)
    admission.wait(first)
    assert admission.next() == first
    for run in (second, other):
        admission.wait(run)

    assert drained(admission) == [other]
    admission.ended(first.job_id, 2)  # another run of the job says nothing about this one
    assert admission.next() is None
    admission.ended(first.job_id, 1)
    assert admission.next() == second


def test_no_more_are_under_way_than_there_are_workers() -> None:
    admission = Admission(2)
    runs = [order(lane) for lane in "abc"]
    for run in runs:
        admission.wait(run)

    assert drained(admission) == runs[:2]
    admission.ended(runs[1].job_id, 1)
    assert drained(admission) == runs[2:]


def test_a_closed_admission_lets_nothing_in_and_tells_when_all_ended() -> None:
    admission = Admission(2)
    first, second = order("a"), order("b")
    admission.wait(first)
    assert admission.next() == first
    admission.wait(second)
    admission.close()

    assert admission.next() is None
    assert (admission.under_way, admission.wait_until_idle(0)) == (1, False)
    admission.ended(first.job_id, first.run)
    assert (admission.under_way, admission.wait_until_idle(0)) == (0, True)
    assert admission.next() is None
