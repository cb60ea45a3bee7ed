"""What stands in for a step's waiting, without its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Polls:
    """Looks at most so often, and calls ``between`` where a step would rest; keeps what was said meanwhile."""

    most: int = 20
    between: Callable[[], None] = lambda: None
    notes: list[str] = field(default_factory=list)

    def __call__(self, look: Callable[[], T | None], *, every_s: float, limit_s: float, note: str = "") -> T | None:
        for _turn in range(self.most):
            found = look()
            if found is not None:
                return found
            self.notes.append(note)
            self.between()
        return None
