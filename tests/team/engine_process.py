"""A process on a shared database: ``python -m tests.team.engine_process FOLDER URL``.

It says ``engine`` or ``busy PID EXECUTOR``; a busy one stands by and says ``engine`` when it has the place. Steps of
its one job kind last until the test writes a file, and say when they begin. It ends when its standard input closes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from backend.bootstrap import Installation
from backend.engine.context import StepContext
from backend.engine.jobs import Accepted, Done, JobKinds, Owner, Step, StepOutcome
from backend.engine.lock import EXECUTOR
from backend.engine.payload import Request
from backend.store.scope import ScopedSession
from tests.installation import open_installation
from tests.said import say


@dataclass(frozen=True)
class WorkRequest(Request, kind="test.work"):
    """So many steps, each of which waits for the file ``gate``."""

    lane: str
    steps: int
    gate: str


class Work:
    """Job ``test.work`` of ``steps`` steps, each of which waits for the file named by the request."""

    request: ClassVar[type[WorkRequest]] = WorkRequest
    version: ClassVar[int] = 1
    title: ClassVar[str] = "Work"
    priority: ClassVar[int] = 10
    owner: ClassVar[Owner] = "agency"

    def accept(self, _session: ScopedSession, request: WorkRequest) -> Accepted:
        return Accepted(lane=request.lane, about="")

    def steps(self, request: WorkRequest) -> Sequence[Step[WorkRequest]]:
        return tuple(Step(f"s{number}", f"Step {number}", self._work) for number in range(request.steps))

    def _work(self, ctx: StepContext[WorkRequest]) -> StepOutcome:
        gate = Path(ctx.job.request.gate)
        say("step")
        ctx.poll(lambda: gate.exists() or None, every_s=0.05, limit_s=300)
        return Done()


def main() -> None:
    installation: Installation = open_installation(Path(sys.argv[1]), database_url=sys.argv[2])
    installation.kinds = JobKinds([Work()])
    installation.when_engine = lambda is_engine: say("engine" if is_engine else "lost")
    if not installation.become_engine("headless"):
        holder = installation.lock.living_holder()
        say(f"busy {holder.pid} {holder.executor}" if holder else "busy")
        installation.stand_by("headless")
    say(f"executor {EXECUTOR}")
    sys.stdin.read()
    installation.close()


if __name__ == "__main__":
    main()
