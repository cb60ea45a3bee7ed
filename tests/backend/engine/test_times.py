"""How long steps and jobs took, and which jobs count as failed lately: by clocks that people set and by none."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from backend.engine.context import StepContext
from backend.engine.estimates import past_seconds
from backend.engine.jobs import Ask, Done, JobKinds, WaitUntil
from backend.engine.plan import Question
from backend.engine.queries import Activity, ActivityCounts, JobDetail, JobDetails
from backend.store.metrics import MetricStore
from backend.store.query import Source
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.engine.bench import AUTHOR, PLAY, Bench, step

LONG_S = 600.0


def detail(bench: Bench, job_id: UUID) -> JobDetail:
    source = Source(bench.store, MetricStore(bench.store), bench.clock.now())
    found = JobDetails(ENGINE_SCOPE, job_id, JobKinds([bench.play_kind])).run(source)
    assert found is not None
    return found


@pytest.mark.parametrize("waits_for", ["", "provider"])
def test_waiting_for_a_person_is_no_time_of_the_step(bench: Bench, waits_for: str) -> None:
    def ask(ctx: StepContext[object]) -> Ask | Done:
        return Done() if ctx.answer else Ask(Question("Go on?", "Go on", (), "state"))

    job_id = bench.play(step("ask", ask, waits_for=waits_for), step("after"))
    bench.wait_for(job_id, "waiting_for_you")
    bench.let_pass(seconds=LONG_S)
    asked = detail(bench, job_id)
    bench.act(job_id, "job.confirm", fingerprint="state")
    bench.wait_for(job_id, "succeeded")
    done = detail(bench, job_id)

    for seen in (asked, done):
        assert seen.steps[0].spent_s is not None
        assert 0 <= seen.steps[0].spent_s < LONG_S / 2
        assert seen.ours_s + seen.waited_s == pytest.approx(sum(row.spent_s or 0.0 for row in seen.steps))
        assert seen.ours_s + seen.waited_s < LONG_S / 2
    assert (done.waited_s > 0) == (waits_for != "")


def test_a_wait_between_two_tries_is_no_time_of_the_step(bench: Bench) -> None:
    tries: list[int] = []

    def wait_once(ctx: StepContext[object]) -> object:
        tries.append(1)
        return Done() if len(tries) > 1 else WaitUntil(ctx.now() + timedelta(seconds=LONG_S), "later")

    job_id = bench.play(step("one", wait_once))
    bench.wait_for(job_id, "waiting_until")
    bench.let_pass(seconds=LONG_S + 1)
    bench.wait_for(job_id, "succeeded")

    spent = detail(bench, job_id).steps[0].spent_s
    assert spent is not None
    assert spent < LONG_S / 2


def test_a_clock_set_back_under_a_step_leaves_no_negative_time(bench: Bench) -> None:
    during: list[float | None] = []

    def set_back(ctx: StepContext[object]) -> None:
        bench.clock.move(days=-36)
        during.append(detail(bench, ctx.job.id).steps[0].spent_s)

    job_id = bench.play(step("one", set_back))
    job = bench.wait_for(job_id, "succeeded")
    bench.clock.move(days=36)

    assert job.started_at is not None
    assert job.ended_at is not None
    assert job.ended_at < job.started_at
    assert during == [None]
    seen = detail(bench, job_id)
    assert seen.steps[0].spent_s is not None
    assert 0 <= seen.steps[0].spent_s < LONG_S
    assert 0 <= seen.ours_s < LONG_S


def test_what_an_earlier_version_timed_backwards_is_not_known_and_teaches_no_estimate(bench: Bench) -> None:
    now, job_id = bench.clock.now(), uuid4()
    with bench.store.write(ENGINE_SCOPE) as session:
        told = {"kind": "test.old", "version": 1, "request": {}, "author": AUTHOR, "state": "succeeded", "lane": "old"}
        session.add(Job(tenant_id=AGENCY, id=job_id, requested_at=now, started_at=now, ended_at=now, **told))
        session.flush()
        for number, hours in enumerate((-2, 2)):
            ended_at = now + timedelta(hours=hours)
            row = JobStep(tenant_id=AGENCY, job_id=job_id, number=number, key=f"{number}", state="done", result={})
            row.started_at, row.ended_at = now, ended_at
            session.add(row)

    assert [row.spent_s for row in detail(bench, job_id).steps] == [None, 7200.0]
    with bench.store.read(ENGINE_SCOPE) as session:
        assert past_seconds(session, "test.old") == {"1": 7200.0}


def test_failed_in_the_last_day_counts_a_day(bench: Bench) -> None:
    now = bench.clock.now()

    def counts() -> Activity:
        return ActivityCounts(ENGINE_SCOPE).run(Source(bench.store, MetricStore(bench.store), now))

    before = counts().failed
    with bench.store.write(ENGINE_SCOPE) as session:
        for hours in (1, 23, 25, 24 * 200):
            told = {"kind": PLAY, "version": 1, "request": {}, "author": AUTHOR, "state": "failed", "lane": f"f{hours}"}
            ended_at = now - timedelta(hours=hours)
            session.add(Job(tenant_id=AGENCY, id=uuid4(), requested_at=ended_at, ended_at=ended_at, **told))

    assert counts().failed - before == 2


def test_a_job_costs_three_writing_commits_and_one_a_step(bench: Bench) -> None:
    """Its request, its acceptance, its first step; then each end of a step is the beginning of the next."""
    commits, wrote = list[int](), set[object]()
    engine = bench.store.engine("app")

    def note(connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            wrote.add(connection)

    def count(connection: object) -> None:
        if connection in wrote:
            wrote.discard(connection)
            commits.append(1)

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", count)
    job_id = bench.play(*(step(f"empty {number}") for number in range(12)))
    bench.wait_for(job_id, "succeeded")
    event.remove(engine, "before_cursor_execute", note)
    event.remove(engine, "commit", count)

    assert len(commits) == 3 + 12
