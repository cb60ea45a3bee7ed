"""Requests: taken once, in order, and refused in words."""

from __future__ import annotations

from uuid import uuid4

from backend.store.changes import Changed
from backend.store.scope import AGENCY
from tests.backend.engine.bench import PLAY, Bench, step


def test_a_request_becomes_a_job_of_the_same_id_once(bench: Bench) -> None:
    job_id = bench.play(step("one"), about="x")
    job = bench.wait_for(job_id)
    assert bench.engine is not None
    for _again in range(3):
        bench.engine.wake()
    bench.wait_for(bench.play(step("later")))

    assert job.state == "succeeded"
    assert bench.job(job_id).run == 1  # type: ignore[union-attr]
    assert bench.refusal(job_id) == ""


def test_a_refused_request_keeps_its_reason_and_makes_no_job(bench: Bench) -> None:
    heard: set[Changed] = set()
    end = bench.store.feed.subscribe(heard.update)

    request_id = bench.request(PLAY, play="any", refuse=True)

    assert bench.refusal(request_id) == "This play is not for us. Choose another."
    assert bench.job(request_id) is None
    assert Changed("requests", AGENCY) in heard
    end()


def test_unknown_unreadable_and_faulty_requests_are_refused_and_hold_nobody_up(bench: Bench) -> None:
    unknown = bench.request("server.fly", height=3)
    unreadable = bench.request(PLAY)
    nonsense = bench.act("not an id", "job.cancel")  # type: ignore[arg-type]
    missing = bench.act(uuid4(), "job.retry")
    faulty = bench.request(PLAY, play="any", bug=True)
    job_id = bench.play(step("one"))

    assert bench.wait_for(job_id).state == "succeeded"
    assert bench.refusal(unknown) == "Unknown job kind server.fly."
    assert bench.refusal(unreadable) == "Invalid request. PlayRequest: Object missing required field `play`"
    assert bench.refusal(nonsense) == "Invalid request. CancelJob: Invalid UUID `$.job_id`"
    assert bench.refusal(missing) == "This job no longer exists."
    assert bench.refusal(faulty) == "Internal error."
