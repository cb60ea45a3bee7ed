"""A job that needs an approval: it stops, holds nothing, and goes on only for the state the person saw."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend.engine.context import StepContext
from backend.engine.jobs import Ask, Done
from backend.engine.payload import from_plain
from backend.engine.plan import Answer, Effect, Question, fingerprint
from tests.backend.engine.bench import Bench, step

SEEN = fingerprint({"plan": "small", "price": 6})


def question(**changes: Any) -> Question:
    effects = (Effect("Cost", "6.00 USD a month", "list price"),)
    return Question(**{"title": "Resize mx1?", "act": "Resize", "effects": effects, "fingerprint": SEEN, **changes})


def asks(asked: Question, answers: list[Any]) -> Any:
    def run(ctx: StepContext[object]) -> Ask | Done:
        if ctx.answer is None:
            return Ask(asked)
        answers.append(ctx.answer)
        return Done()

    return run


def stopped_at(bench: Bench, asked: Question, answers: list[Any], **payload: Any) -> UUID:
    job_id = bench.play(step("ask", asks(asked, answers)), step("after"), **payload)
    bench.wait_for(job_id, "waiting_for_you")
    return job_id


def test_a_yes_to_what_was_seen_lets_the_same_step_go_on(bench: Bench) -> None:
    answers: list[Any] = []
    job_id = stopped_at(bench, question(), answers)
    assert from_plain(Question, bench.job(job_id).question or {}) == question()  # type: ignore[union-attr]
    assert bench.states(job_id) == ["waiting", "pending"]

    assert bench.refusal(bench.act(job_id, "job.confirm", fingerprint=SEEN)) == ""

    job = bench.wait_for(job_id)
    assert (job.state, job.run, job.question) == ("succeeded", 2, None)
    assert answers == [Answer("tester", SEEN)]


@pytest.mark.parametrize(
    ("changes", "details", "words"),
    [
        ({}, {"fingerprint": "another"}, "The preview has changed since you saw it."),
        ({}, {}, "The preview has changed since you saw it."),
        ({"typed_name": "mx1.example.net"}, {"fingerprint": SEEN}, "The name typed is not mx1.example.net."),
        ({"typed_name": "mx1"}, {"fingerprint": SEEN, "typed_name": "mx2"}, "The name typed is not mx1."),
        ({"valid_until": "past"}, {"fingerprint": SEEN}, "The preview is out of date."),
    ],
)
def test_a_yes_that_does_not_fit_is_refused_and_the_job_waits_on(
    bench: Bench, changes: dict[str, Any], details: dict[str, Any], words: str
) -> None:
    if changes.get("valid_until"):
        changes = {"valid_until": bench.clock.now() - timedelta(minutes=1)}
    answers: list[Any] = []
    job_id = stopped_at(bench, question(**changes), answers)

    assert bench.refusal(bench.act(job_id, "job.confirm", **details)).startswith(words)

    assert (bench.wait_for(job_id, "waiting_for_you").run, answers) == (1, [])


def test_the_right_name_typed_in_time_is_a_yes(bench: Bench) -> None:
    answers: list[Any] = []
    until = bench.clock.now() + timedelta(minutes=10)
    job_id = stopped_at(bench, question(typed_name="mx1", valid_until=until), answers)

    bench.act(job_id, "job.confirm", fingerprint=SEEN, typed_name="mx1")

    assert bench.wait_for(job_id).state == "succeeded"


def test_a_step_that_finds_another_state_after_the_yes_asks_again_for_that_state(bench: Bench) -> None:
    live = [SEEN]

    def run(ctx: StepContext[object]) -> Ask | Done:
        confirmed.append(ctx.answer is not None)
        if ctx.answer is not None and live[0] == SEEN:
            return Done()
        return Ask(question(fingerprint=live[0]))

    confirmed: list[bool] = []
    job_id = bench.play(step("ask", run))
    bench.wait_for(job_id, "waiting_for_you")
    live[0] = "other"
    bench.refusal(bench.act(job_id, "job.confirm", fingerprint=SEEN))
    job = bench.wait_for(job_id, "waiting_for_you")
    while job.run == 1 or job.question is None or job.question.get("answer"):
        job = bench.wait_for(job_id, "waiting_for_you")

    assert confirmed == [False, True]
    assert job.question["fingerprint"] == "other"
    assert bench.refusal(bench.act(job_id, "job.confirm", fingerprint=SEEN)) != ""


def test_a_job_that_waits_for_nobody_takes_no_yes(bench: Bench) -> None:
    job_id = bench.play(step("one"))
    bench.wait_for(job_id)

    assert bench.refusal(bench.act(job_id, "job.confirm", fingerprint=SEEN)) == "This job is not awaiting approval."


def test_a_job_waiting_for_a_yes_can_be_cancelled_for_good(bench: Bench) -> None:
    job_id = stopped_at(bench, question(), [])
    bench.act(job_id, "job.cancel")

    assert bench.wait_for(job_id).state == "cancelled"
    assert bench.refusal(bench.act(job_id, "job.confirm", fingerprint=SEEN)) == "This job is not awaiting approval."


def test_while_one_job_of_a_server_waits_for_a_yes_a_second_job_of_it_runs(bench: Bench) -> None:
    answers: list[Any] = []
    first = stopped_at(bench, question(), answers, lane="server:7")

    second = bench.wait_for(bench.play(step("reboot"), lane="server:7"))

    assert second.state == "succeeded"
    assert bench.wait_for(first, "waiting_for_you").lane == second.lane
    bench.act(first, "job.confirm", fingerprint=SEEN)
    assert bench.wait_for(first).state == "succeeded"


def test_equal_states_have_equal_fingerprints_whatever_their_order() -> None:
    moment = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    assert fingerprint({"a": 1, "b": moment}) == fingerprint({"b": moment, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
