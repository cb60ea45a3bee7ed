"""What an emulated service asks of the place where its records lie."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Record = dict[str, Any]


class Records(Protocol):
    """Records by kind and id. Whoever reads one does not change it, but puts another."""

    def change(self) -> AbstractContextManager[None]:
        """Everything inside is one transaction: what breaks off leaves nothing of it."""
        ...

    def all(self, kind: str) -> Sequence[Record]:
        """In the order they were made, as are the keys."""
        ...

    def keys(self, kind: str) -> Sequence[str]: ...

    def get(self, kind: str, key: str) -> Record | None: ...

    def put(self, kind: str, key: str, record: Record) -> None: ...

    def drop(self, kind: str, key: str) -> None:
        """One that is not there is no error."""
        ...

    def count(self, name: str, by: int = 1) -> None:
        """Add to a tally, where there are tallies."""
        ...
