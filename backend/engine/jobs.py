"""How a feature says what a job is: its kind, its steps, and what a step may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from backend.core.errors import Refused
from backend.engine.payload import Request, Result, from_plain

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.engine.plan import Question
    from backend.store.scope import ScopedSession

JobState = Literal[
    "queued",
    "running",
    "waiting_for_you",
    "waiting_until",
    "succeeded",
    "failed",
    "cancelled",
    "rolled_back",
]
ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled", "rolled_back"})
ACTIVE: frozenset[str] = frozenset({"queued", "running"})
#: Goes on by itself; one that waits for a person may do so for weeks.
GOES_ON: frozenset[str] = ACTIVE | {"waiting_until"}
#: The direction of a job that goes back by itself; what a person rolls back goes "backward".
RETURNING = "returning"
Owner = Literal["agency", "workspace"]
WaitsFor = Literal["", "provider", "dns", "ca", "image", "server"]


@dataclass(frozen=True)
class Done:
    """The step is finished. ``result`` is for later steps: references, never secret values."""

    note: str = ""
    result: Result | None = None


@dataclass(frozen=True)
class Ask:
    """A person must decide. The job stops; after the approval the same step runs again with ``ctx.answer`` set.

    The answer carries the ``fingerprint`` of what was agreed to: a step whose state has moved on asks again.
    """

    question: Question


@dataclass(frozen=True)
class WaitUntil:
    """Nothing to do before ``at``. The job stops; then the same step runs again."""

    at: datetime
    why: str


StepOutcome = Done | Ask | WaitUntil
R = TypeVar("R", bound=Request)
R_contra = TypeVar("R_contra", contravariant=True)


@dataclass(frozen=True)
class Step(Generic[R_contra]):
    """One step. ``run`` must be idempotent: it looks before it creates, since it can run again after a kill.

    ``title`` is a message id (translated when shown); ``waits_for`` names whom the time is spent waiting for;
    ``undo`` removes what the step made and must bear being called when nothing was made. ``goes_back``: once it
    began, the job does not stop half-way: where it fails for good or is cancelled at such a step, all is undone at
    once, as if a person had rolled it back. ``halts``: what the job is about does not work while it is under way,
    whatever becomes of the job.
    """

    key: str
    title: str
    run: Callable[[StepContext[R_contra]], StepOutcome]
    estimate_s: float = 1.0
    waits_for: WaitsFor = ""
    undo: Callable[[StepContext[R_contra]], None] | None = None
    goes_back: bool = False
    halts: bool = False


@dataclass(frozen=True)
class Accepted:
    """What the engine writes into a new job's row. Jobs of one ``lane`` run one after the other.

    ``title`` is the message id of this act, where a kind has several; empty: the kind's own.
    """

    lane: str
    about: str
    about_id: UUID | None = None
    title: str = ""


def is_taken_back(direction: str, state: str, *, is_retryable: bool) -> bool:
    """Whether a job went back by itself and came to the end of that: there is nothing to go on with."""
    return direction == RETURNING and state in ENDED and not is_retryable


class JobKind(Protocol[R]):
    """A kind of job, named by its request; one object for each, made by bootstrap with all it needs.

    ``owner`` says in whose workspace it may be requested: the agency's own (accounts, servers, prices, upkeep), or a
    client's. ``accept`` sees the request in the engine's own transaction and either answers or raises ``Refused``: a
    refused request never becomes a job. ``steps`` must give the same keys in the same order for the same request and
    version.
    """

    version: ClassVar[int]
    title: ClassVar[str]
    priority: ClassVar[int]
    owner: ClassVar[Owner]

    @property
    def request(self) -> type[R]: ...

    def accept(self, session: ScopedSession, request: R, /) -> Accepted: ...

    def steps(self, request: R, /) -> Sequence[Step[R]]: ...


@runtime_checkable
class HasActs(Protocol):
    """A kind of job for several acts. ``titles`` are their message ids: ``accept`` names one of them."""

    titles: ClassVar[tuple[str, ...]]


#: A kind whatever its request: the engine hands each kind only what was read as its own.
AnyKind = JobKind[Any]


class JobKinds:
    """All kinds by the names of their requests; owned by the engine."""

    def __init__(self, kinds: Sequence[AnyKind]) -> None:
        self._kinds = {kind.request.kind: kind for kind in kinds}
        if len(self._kinds) != len(kinds) or "" in self._kinds:
            raise ValueError("two job kinds share a request, or one has none")

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._kinds)

    @property
    def changing_server(self) -> frozenset[str]:
        """Those that explain why a server looks different."""
        return frozenset(name for name, kind in self._kinds.items() if kind.request.changes_server)

    def titles(self) -> Mapping[str, Sequence[str]]:
        """Of each kind its own title, then those of its acts."""
        return {name: (kind.title, *_titles_of_acts(kind)) for name, kind in self._kinds.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._kinds

    def __getitem__(self, name: str) -> AnyKind:
        return self._kinds[name]

    def steps_of(self, name: str, stored: Mapping[str, object]) -> Sequence[Step[Any]]:
        """The steps of a stored job, for showing it: none where this program does not know or cannot read it."""
        kind = self._kinds.get(name)
        if kind is None:
            return ()
        try:
            return kind.steps(from_plain(kind.request, stored))
        except Refused:
            return ()


def _titles_of_acts(kind: AnyKind) -> tuple[str, ...]:
    return kind.titles if isinstance(kind, HasActs) else ()
