"""A store, a clock that a test sets, and an engine whose jobs play whatever steps a test wrote down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import func, select

from backend.core.errors import Refused
from backend.engine.engine import Engine
from backend.engine.intents import IntentJournal
from backend.engine.jobs import ENDED, Accepted, Ask, Done, JobKinds, Step, StepOutcome, WaitUntil
from backend.engine.wishes import Wish, act_on, write_wish
from backend.store.schema.operations import Job, JobStep, WishRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.installation import until as wait_until

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.engine.engine import Part
    from backend.engine.jobs import JobKind
    from backend.store.database import Store
    from backend.store.scope import ScopedSession

T = TypeVar("T")

PLAY = "test.play"
AUTHOR = "tester"
POLL_S = 0.03


class SetClock:
    """The machine's clock, moved by as much as a test says."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def monotonic_s(self) -> float:
        return monotonic()

    def move(self, **by: float) -> None:
        self._offset += timedelta(**by)


class Play:
    """A job kind whose steps a test wrote down under the name in the wish."""

    name: ClassVar[str] = PLAY
    version: ClassVar[int] = 1
    title: ClassVar[str] = "Play"
    priority: ClassVar[int] = 10

    def __init__(self) -> None:
        self.plays: dict[str, Sequence[Step]] = {}

    def accept(self, _session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        if wish.get("refuse"):
            raise Refused("This play is not for us.", remedy="Choose another.")
        if wish.get("bug"):
            raise RuntimeError("a bug of the play's author")
        return Accepted(lane=str(wish.get("lane") or uuid4()), about=str(wish["play"]))

    def steps(self, wish: Mapping[str, Any]) -> Sequence[Step]:
        return self.plays[str(wish["play"])]


class Urgent(Play):
    """The same, before all others."""

    name: ClassVar[str] = "test.urgent"
    priority: ClassVar[int] = 1


class NewerPlay(Play):
    """The same in a later version of the program."""

    version: ClassVar[int] = 2


class Bench:
    """Owner of one engine at a time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = SetClock()
        self.play_kind, self.urgent = Play(), Urgent()
        self.more_kinds: list[JobKind] = []
        self.engine: Engine | None = None

    def start(self, *, parts: Sequence[Part] = (), **settings: Any) -> Engine:
        kinds = JobKinds([self.play_kind, self.urgent, *self.more_kinds])
        journal = IntentJournal(self.store, self.clock, between_looks_s=0.01)
        self.engine = Engine(
            self.store, self.clock, kinds, journal=journal, settings=settings, parts=parts, poll_s=POLL_S
        )
        self.engine.start()
        return self.engine

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close()
            self.engine = None

    def move_clock(self, **by: float) -> None:
        self.clock.move(**by)
        if self.engine is not None:
            self.engine.wake()

    def play(self, *steps: Step, kind: str = PLAY, **payload: Any) -> UUID:
        """Wish for a job of these steps."""
        play = uuid4().hex
        self.play_kind.plays[play] = self.urgent.plays[play] = steps
        return self.wish(kind, play=play, **payload)

    def wish(self, kind: str, **payload: Any) -> UUID:
        return self.submit(Wish(AGENCY, kind, payload, AUTHOR))

    def act(self, job_id: UUID, action: Any, **details: Any) -> UUID:
        return self.submit(act_on(job_id, action, workspace=AGENCY, author=AUTHOR, **details))

    def submit(self, *wishes: Wish) -> UUID:
        with self.store.write(ENGINE_SCOPE) as session:
            for wish in wishes:
                write_wish(session, wish, self.clock.now())
        return wishes[-1].id

    def refusal(self, wish_id: UUID) -> str:
        """What was said to a wish that was taken; empty when it was carried out."""

        def taken() -> WishRow | None:
            with self.store.read(ENGINE_SCOPE) as session:
                wish = session.get_one(WishRow, (AGENCY, wish_id))
            return wish if wish.taken_at is not None else None

        return until(taken, "the wish to be taken").refusal or ""

    def job(self, job_id: UUID) -> Job | None:
        with self.store.read(ENGINE_SCOPE) as session:
            return session.get(Job, (AGENCY, job_id))

    def steps(self, job_id: UUID) -> list[JobStep]:
        with self.store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(select(JobStep).where(JobStep.job_id == job_id).order_by(JobStep.number)))

    def states(self, job_id: UUID) -> list[str]:
        return [step.state for step in self.steps(job_id)]

    def wait_for(self, job_id: UUID, *states: str, seconds: float = 30.0) -> Job:
        """The job once it is in one of these states; by default once it has ended."""
        wanted = set(states) or ENDED

        def look() -> Job | None:
            job = self.job(job_id)
            return job if job is not None and job.state in wanted else None

        try:
            return until(look, f"the job to be {sorted(wanted)}", seconds)
        except AssertionError as error:
            job = self.job(job_id)
            standing = job and (job.state, job.cause, [(s.key, s.state, s.note) for s in self.steps(job_id)])
            raise AssertionError(f"{error}; it is {standing}") from error

    def wait_for_step(self, job_id: UUID, state: str, number: int = 0) -> None:
        """Until that step is in this state: a job is running a moment before the first of its steps is."""

        def is_there() -> bool:
            steps = self.steps(job_id)
            return len(steps) > number and steps[number].state == state

        until(is_there, f"step {number} to be {state}")

    def count(self, state: str) -> int:
        with self.store.read(ENGINE_SCOPE) as session:
            return session.scalar(select(func.count()).select_from(Job).where(Job.state == state)) or 0


def step(key: str, run: Callable[[StepContext], object] | None = None, **more: Any) -> Step:
    """A step; one whose function answers nothing that a step may answer is done."""

    def carry(ctx: StepContext) -> StepOutcome:
        outcome = run(ctx) if run is not None else None
        return outcome if isinstance(outcome, Done | Ask | WaitUntil) else Done()

    return Step(key, key, carry, **more)


def until(condition: Callable[[], T | None], what: str, seconds: float = 30.0) -> T:
    """Wait until there is something (that is not false), and return it."""
    value = wait_until(condition, what, seconds)
    assert value is not None
    return value
