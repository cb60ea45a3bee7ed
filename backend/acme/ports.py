"""What the caller of this adapter brings: a way to show proofs, and a way to wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from backend.acme.orders import Challenge, ChallengeKind

T = TypeVar("T")


class ChallengeSolver(Protocol):
    """Shows to the world what proves names, in one way: records at a DNS host, a file that a web server serves.

    All three calls may be made again with the same challenges, after a kill, too. Whatever they raise ends the step,
    except as they say below: other names go on without one that cannot be shown.
    """

    kind: ChallengeKind

    def takes(self, name: str) -> bool:
        """Whether it can show a proof for this name (without ``*.``): its zone is one of ours, its web server, too."""
        ...

    def prepare(self, challenges: Sequence[Challenge]) -> Mapping[str, str]:
        """Put all of them in place at once; return those names, with the reason in words, for which that is impossible.

        Two challenges may have one ``record_name`` with two values (a name and its wildcard): both must be shown. What
        others put there stays.
        """
        ...

    def is_shown(self, challenge: Challenge) -> bool:
        """Whether *everybody* would see it by now: each authoritative server of the zone, the front and each of its
        addresses. The authority is not asked to look before; it would keep a wrong answer for the time of its TTL."""
        ...

    def clean(self, challenges: Sequence[Challenge]) -> None:
        """Take away exactly these. What is gone is no error."""
        ...


class Waits(Protocol):
    """How the caller waits; :class:`backend.engine.context.StepContext` is one."""

    def poll(self, look: Callable[[], T | None], *, every_s: float, limit_s: float, note: str = "") -> T | None:
        """Call ``look`` until it answers something; None when ``limit_s`` passed.

        :raises Cancelled: between two looks.
        """
        ...

    def stop_if_cancelled(self) -> None:
        """:raises Cancelled: the work was called off."""
        ...
