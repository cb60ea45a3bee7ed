"""How a feature says what a job is: its kind, its steps, and what a step may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol
from uuid import UUID

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
LIVELY: frozenset[str] = frozenset({"queued", "running"})
WaitsFor = Literal["", "provider", "dns", "ca", "image", "server"]


@dataclass(frozen=True)
class Done:
    """The step is finished. ``result`` is plain JSON data (references, never secret values) for later steps."""

    note: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """A person must decide. The job stops; after the yes the same step runs again with ``ctx.answer`` set.

    The answer carries the ``fingerprint`` of what was agreed to: a step whose state has moved on asks again.
    """

    question: Question


@dataclass(frozen=True)
class WaitUntil:
    """Nothing to do before ``at``. The job stops; then the same step runs again."""

    at: datetime
    why: str


StepOutcome = Done | Ask | WaitUntil


@dataclass(frozen=True)
class Step:
    """One step. ``run`` must be idempotent: it looks before it creates, since it can run again after a kill.

    ``title`` is a message id (translated when shown); ``waits_for`` names whom the time is spent waiting for;
    ``undo`` removes what the step made and must bear being called when nothing was made.
    """

    key: str
    title: str
    run: Callable[[StepContext], StepOutcome]
    estimate_s: float = 1.0
    waits_for: WaitsFor = ""
    undo: Callable[[StepContext], None] | None = None


@dataclass(frozen=True)
class Accepted:
    """What the engine writes into a new job's row. Jobs of one ``lane`` run one after the other."""

    lane: str
    about: str
    about_id: UUID | None = None


class JobKind(Protocol):
    """A kind of job; one object for each, made by bootstrap with all it needs.

    ``accept`` sees the wish in the engine's own transaction and either answers or raises ``Refused``: a refused wish
    never becomes a job. ``steps`` must give the same keys in the same order for the same wish and version.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    title: ClassVar[str]
    priority: ClassVar[int]

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted: ...

    def steps(self, _wish: Mapping[str, Any], /) -> Sequence[Step]: ...


class JobKinds:
    """All kinds by name; owned by the engine."""

    def __init__(self, kinds: Sequence[JobKind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        if len(self._kinds) != len(kinds):
            raise ValueError("two job kinds share a name")

    def __contains__(self, name: str) -> bool:
        return name in self._kinds

    def __getitem__(self, name: str) -> JobKind:
        return self._kinds[name]
