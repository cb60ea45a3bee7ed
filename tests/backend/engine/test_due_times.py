"""Due times by a clock of numbers: who is silent delays nobody, and nobody is late for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from uuid import UUID

import pytest

from backend.engine.due_times import DueTimes, Key, Lane, Pace

OWN, SAMPLE = "own_network", "sample"
MACHINE = UUID(int=10**9)
HOUR = 3600.0
ANSWER_S, SILENCE_S, AGAIN_S = 1.0, 10.0, 20.0


def subject(number: int) -> UUID:
    """Its place in the period is its number in thousandths."""
    return UUID(int=number)


@dataclass
class Site:
    """Subjects that answer, or do not, in a time that passes at once; what is noted is how late each began."""

    times: DueTimes
    silent: frozenset[UUID] = frozenset()
    lasts: Mapping[str, float] = field(default_factory=lambda: {OWN: 3.0, SAMPLE: ANSWER_S})
    now: float = 0.0
    late: dict[Key, list[float]] = field(default_factory=dict)
    most: Counter[str] = field(default_factory=Counter)
    _running: list[tuple[float, Key]] = field(default_factory=list)
    _tried: set[Key] = field(default_factory=set)

    def run(self, until: float) -> None:
        while self.now < until:
            for key, late_s in self.times.begin(self.now).items():
                self.late.setdefault(key, []).append(late_s)
                heappush(self._running, (self.now + (SILENCE_S if key[1] in self.silent else self.lasts[key[0]]), key))
            self._count()
            moments = [at for at in (self.times.next_at(), *(at for at, _key in self._running[:1])) if at is not None]
            self.now = max(self.now, min(moments))
            while self._running and self._running[0][0] <= self.now:
                self._end(heappop(self._running)[1])

    def worst(self, name: str, subjects: Sequence[UUID]) -> float:
        return max(max(self.late[(name, each)]) for each in subjects)

    def _end(self, key: Key) -> None:
        is_silent = key[1] in self.silent
        is_first = is_silent and key not in self._tried
        (self._tried.add if is_first else self._tried.discard)(key)
        self.times.end(key, self.now, again_in_s=AGAIN_S if is_first else None, is_silent=is_silent)

    def _count(self) -> None:
        running = [key for _at, key in self._running]
        self.most["all"] = max(self.most["all"], len(running))
        self.most["silent"] = max(self.most["silent"], sum(key[1] in self.silent for key in running))
        assert len(set(running)) == len(running)


def plan(**paces: Pace) -> DueTimes:
    return DueTimes({"own_network" if name == "own" else name: pace for name, pace in paces.items()})


def site(count: int, silent: int, *, lanes: tuple[int, int] = (16, 8)) -> tuple[Site, list[UUID], list[UUID]]:
    times = plan(own=Pace(60.0, Lane(1, 1)), sample=Pace(300.0, Lane(*lanes)))
    subjects = [subject(number * 1000 // count) for number in range(count)]
    subjects = [UUID(int=each.int + 1000 * place) for place, each in enumerate(subjects)]
    quiet = subjects[:: count // silent] if silent else []
    made = Site(times, frozenset(quiet))
    times.learn(OWN, [MACHINE], 0.0)
    times.learn(SAMPLE, subjects, 0.0)
    return made, [each for each in subjects if each not in made.silent], quiet


@pytest.mark.parametrize("silent", [0, 100, 200])
def test_silent_hosts_delay_neither_our_own_network_nor_those_that_answer(silent: int) -> None:
    made, answering, _quiet = site(1000, silent)

    made.run(HOUR)

    assert made.worst(OWN, [MACHINE]) == 0.0
    assert made.worst(SAMPLE, answering) < 1.0
    assert min(len(made.late[(SAMPLE, each)]) for each in answering) >= HOUR // 300 - 1
    assert made.most["all"] <= 17


def test_half_of_all_silent_from_the_start_delay_others_only_until_they_are_known() -> None:
    made, answering, _quiet = site(1000, 500)
    made.run(900.0)
    assert made.worst(OWN, [MACHINE]) == 0.0
    made.late.clear()

    made.run(HOUR)

    assert made.worst(OWN, [MACHINE]) == 0.0
    assert made.worst(SAMPLE, answering) < 1.0


def test_hosts_that_fall_silent_all_at_once_delay_our_own_network_not_at_all() -> None:
    made, answering, _quiet = site(1000, 0)
    made.run(600.0)
    made.silent = frozenset(answering)

    made.run(HOUR)

    assert made.worst(OWN, [MACHINE]) == 0.0


def test_those_known_to_be_silent_hold_half_of_the_places_and_go_on_being_observed() -> None:
    made, _answering, quiet = site(1000, 500)
    made.run(900.0)
    made.most.clear()

    made.run(HOUR)

    assert made.most["silent"] <= 8
    looks = [len(made.late[(SAMPLE, each)]) for each in quiet]
    assert max(looks) - min(looks) <= 3


def test_one_that_answers_again_is_no_longer_among_the_silent() -> None:
    made, _answering, quiet = site(10, 5, lanes=(4, 1))
    made.run(900.0)
    made.silent = frozenset()
    made.run(1500.0)
    made.late.clear()

    made.run(HOUR)

    assert made.worst(SAMPLE, quiet) == 0.0


def test_a_second_try_is_a_due_time_and_moves_the_regular_ones_not() -> None:
    times = plan(sample=Pace(300.0, Lane(1, 1)))
    times.learn(SAMPLE, [subject(0)], 0.0)
    key = (SAMPLE, subject(0))

    assert times.begin(0.0) == {key: 0.0}
    times.end(key, 4.0, again_in_s=20.0, is_silent=True)
    assert times.next_at() == 24.0
    assert times.begin(23.9) == {}
    assert times.begin(24.5) == {key: 0.5}
    times.end(key, 28.0, is_silent=True)
    assert times.next_at() == 300.0


def test_times_that_passed_while_it_was_observed_are_left_out() -> None:
    times = plan(sample=Pace(10.0, Lane(1, 1)))
    times.learn(SAMPLE, [subject(0)], 0.0)
    key = (SAMPLE, subject(0))
    times.begin(0.0)

    times.end(key, 34.0)

    assert times.next_at() == 40.0


def test_who_is_dropped_while_observed_is_not_planned_again_and_who_comes_back_is() -> None:
    times = plan(sample=Pace(300.0, Lane(1, 1)))
    key = (SAMPLE, subject(0))
    times.learn(SAMPLE, [subject(0)], 0.0)
    times.begin(0.0)
    times.learn(SAMPLE, [], 1.0)
    times.learn(SAMPLE, [subject(0)], 2.0)
    assert times.begin(2.0) == {}  # it is still under way

    times.end(key, 3.0)
    assert times.next_at() == 302.0
    times.learn(SAMPLE, [], 4.0)
    assert times.begin(400.0) == {}


def test_after_a_new_plan_all_are_due_once() -> None:
    times = plan(sample=Pace(300.0, Lane(2, 1)))
    subjects = [subject(0), UUID(int=1000), UUID(int=2000)]
    times.learn(SAMPLE, subjects, 0.0)
    running = times.begin(0.0)  # the third waits for a place
    assert len(running) == 2

    times.plan_anew(50.0)
    for key in running:
        times.end(key, 51.0)
    begun = times.begin(51.0)

    assert set(begun) == {(SAMPLE, each) for each in subjects} - set(running)
    assert times.next_at() == 350.0


def test_a_thousand_begin_spread_over_minutes_and_few_over_seconds() -> None:
    for count, longest_s in ((1000, 200.0), (10, 15.0)):
        times = plan(sample=Pace(300.0, Lane(count, count)))
        times.learn(SAMPLE, [UUID(int=number * 1000 // count) for number in range(count)], 0.0)

        seconds = Counter(second for second in range(300) for _key in times.begin(float(second)))

        assert longest_s * 0.85 < max(seconds) <= longest_s
        assert max(seconds.values()) <= 6


def test_subjects_that_come_and_go_leave_nothing_behind() -> None:
    times = plan(sample=Pace(300.0, Lane(1, 1)))
    for number in range(5000):
        times.learn(SAMPLE, [subject(number)], 0.0)

    assert len(times._heap) <= 200
    assert (len(times._at), len(times._regular)) == (1, 1)
