"""A store, a clock that a test sets, and an engine whose jobs play whatever steps a test wrote down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import func, select

from backend.core.errors import Refused
from backend.engine.engine import Engine
from backend.engine.intents import IntentJournal
from backend.engine.jobs import ENDED, Accepted, Ask, Done, JobKinds, Owner, Step, StepOutcome, WaitUntil
from backend.engine.payload import Request
from backend.engine.requests import RequestEnvelope, write_request
from backend.store.schema.operations import Job, JobStep, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.clocks import SetClock
from tests.installation import put_plain
from tests.installation import until as wait_until

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.engine.engine import Part
    from backend.engine.jobs import AnyKind
    from backend.engine.settings import AnySetting
    from backend.store.database import Store
    from backend.store.scope import ScopedSession

T = TypeVar("T")

PLAY = "test.play"
AUTHOR = "tester"


@dataclass(frozen=True)
class PlayRequest(Request, kind=PLAY):
    """``play`` names the steps a test wrote down; ``refuse`` and ``bug`` are what becomes of the request itself."""

    play: str
    lane: str = ""
    name: str = ""
    refuse: bool = False
    bug: bool = False


@dataclass(frozen=True)
class UrgentRequest(PlayRequest, kind="test.urgent"):
    """The same, before all others."""


class Play:
    """A job kind whose steps a test wrote down under the name in the request."""

    request: ClassVar[type[PlayRequest]] = PlayRequest
    version: ClassVar[int] = 1
    title: ClassVar[str] = "Play"
    priority: ClassVar[int] = 10
    owner: ClassVar[Owner] = "agency"

    def __init__(self) -> None:
        self.plays: dict[str, Sequence[Step[PlayRequest]]] = {}

    def accept(self, _session: ScopedSession, request: PlayRequest) -> Accepted:
        if request.refuse:
            raise Refused("This play is not for us.", remedy="Choose another.")
        if request.bug:
            raise RuntimeError("a bug of the play's author")
        return Accepted(lane=request.lane or str(uuid4()), about=request.play)

    def steps(self, request: PlayRequest) -> Sequence[Step[PlayRequest]]:
        return self.plays[request.play]


class Urgent(Play):
    """The same, before all others."""

    request: ClassVar[type[PlayRequest]] = UrgentRequest
    priority: ClassVar[int] = 1
    owner: ClassVar[Owner] = "agency"


class NewerPlay(Play):
    """The same in a later version of the program."""

    version: ClassVar[int] = 2


class Bench:
    """Owner of one engine at a time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = SetClock()
        self.play_kind, self.urgent = Play(), Urgent()
        self.more_kinds: list[AnyKind] = []
        self.engine: Engine | None = None

    def start(self, *settings: AnySetting, parts: Sequence[Part] = ()) -> Engine:
        kinds = JobKinds([self.play_kind, self.urgent, *self.more_kinds])
        journal = IntentJournal(self.store, self.clock)
        self.engine = Engine(self.store, self.clock, kinds, journal=journal, settings=settings, parts=parts)
        self.engine.start()
        return self.engine

    def close(self) -> None:
        if self.engine is not None:
            self.engine.close()
            self.engine = None

    def let_pass(self, **by: float) -> None:
        self.clock.pass_by(**by)
        if self.engine is not None:
            self.engine.wake()

    def set_clock(self, **by: float) -> None:
        self.clock.move(**by)
        if self.engine is not None:
            self.engine.wake()

    def play(self, *steps: Step[PlayRequest], kind: str = PLAY, **payload: Any) -> UUID:
        """Request for a job of these steps."""
        play = uuid4().hex
        self.play_kind.plays[play] = self.urgent.plays[play] = steps
        return self.request(kind, play=play, **payload)

    def request(self, kind: str, **payload: Any) -> UUID:
        """A request as it lies in its row, whoever wrote it: an older program, or one that is wrong."""
        with self.store.write(ENGINE_SCOPE) as session:
            return put_plain(session, kind, payload, AUTHOR, self.clock.now())

    def act(self, job_id: UUID, action: str, **details: Any) -> UUID:
        return self.request(action, job_id=str(job_id), **details)

    def submit(self, *requests: RequestEnvelope) -> UUID:
        with self.store.write(ENGINE_SCOPE) as session:
            for request in requests:
                write_request(session, request, self.clock.now())
        return requests[-1].id

    def refusal(self, request_id: UUID) -> str:
        """What was said to a request that was taken; empty when it was carried out."""

        def taken() -> RequestRow | None:
            with self.store.read(ENGINE_SCOPE) as session:
                request = session.get_one(RequestRow, (AGENCY, request_id))
            return request if request.handled_at is not None else None

        return until(taken, "the request to be taken").refusal or ""

    def job(self, job_id: UUID) -> Job | None:
        with self.store.read(ENGINE_SCOPE) as session:
            return session.get(Job, (AGENCY, job_id))

    def steps(self, job_id: UUID) -> list[JobStep]:
        with self.store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(select(JobStep).where(JobStep.job_id == job_id).order_by(JobStep.number)))

    def states(self, job_id: UUID) -> list[str]:
        return [step.state for step in self.steps(job_id)]

    def wait_for(self, job_id: UUID, *states: str, seconds: float = 60.0) -> Job:
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


def step(key: str, run: Callable[[StepContext[PlayRequest]], object] | None = None, **more: Any) -> Step[PlayRequest]:
    """A step; one whose function answers nothing that a step may answer is done."""

    def run_job(ctx: StepContext[PlayRequest]) -> StepOutcome:
        outcome = run(ctx) if run is not None else None
        return outcome if isinstance(outcome, Done | Ask | WaitUntil) else Done()

    return Step(key, key, run_job, **more)


def until(condition: Callable[[], T | None], what: str, seconds: float = 60.0) -> T:
    """Wait until there is something (that is not false), and return it."""
    value = wait_until(condition, what, seconds)
    assert value is not None
    return value
