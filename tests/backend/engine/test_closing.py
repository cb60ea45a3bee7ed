"""The order in which an engine ends: no work begins any more, steps and parts end, then its owner closes the store."""

from __future__ import annotations

import threading
from uuid import UUID

from backend.engine.context import StepContext
from tests.backend.engine.bench import Bench, step


def test_a_closing_engine_begins_nothing_while_its_parts_end(own_bench: Bench) -> None:
    ended, begun = threading.Event(), threading.Event()

    def poll(ctx: StepContext[object]) -> None:
        try:
            ctx.poll(lambda: None, every_s=300, limit_s=600)
        finally:
            ended.set()

    class Slow:
        """A part that is held up until the steps have ended; meanwhile a person asks for more."""

        def start(self) -> None: ...

        def close(self) -> None:
            asked.append(own_bench.play(step("begin", lambda _ctx: begun.set())))
            assert ended.wait(60), "steps end beside the parts"
            begun.wait(1)

    asked: list[UUID] = []
    own_bench.start(parts=[Slow()])
    job_id = own_bench.play(step("poll", poll))
    own_bench.wait_for_step(job_id, "running")
    own_bench.close()

    assert not begun.is_set()
    own_bench.start()
    own_bench.wait_for(asked[0])
