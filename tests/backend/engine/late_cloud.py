"""A provider of one kind of thing that may be behind the truth, and what the journal says to that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from backend.core.errors import NotYet
from backend.engine.intents import ResourceSpec
from tests.clocks import SetClock


class Cloud:
    """A provider of one kind of thing, which shows nothing while ``is_behind``."""

    def __init__(self) -> None:
        self.things: list[UUID] = []
        self.looks = 0
        self.is_behind = False
        self.on_make: Callable[[], None] = lambda: None
        self.before_make: Callable[[], None] = lambda: None
        self.on_look: Callable[[], object] = lambda: None

    def look(self, intent: UUID) -> str | None:
        self.looks += 1
        self.on_look()
        is_seen = intent in self.things and not self.is_behind
        return f"n{self.things.index(intent)}" if is_seen else None

    def make(self, intent: UUID) -> str:
        self.before_make()
        self.things.append(intent)
        self.on_make()
        return f"n{len(self.things) - 1}"

    def wanted(self, key: str = "server") -> ResourceSpec:
        return ResourceSpec(key, uuid4(), "server", "mx1", look=self.look, make=self.make)


class Killed(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


def fail(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


@contextmanager
def waits(clock: SetClock) -> Iterator[None]:
    """The journal wants another look, later but soon; the clock is there afterwards."""
    with pytest.raises(NotYet, match="does not list it yet") as early:
        yield
    wait = early.value.again_at - clock.now()
    assert 0 < wait.total_seconds() <= 30
    clock.pass_by(seconds=wait.total_seconds())
