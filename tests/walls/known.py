"""The process has one net that masks known secrets: what a test revealed must not mask the words of the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from backend.core.secrets.redactor import Redactor


@contextmanager
def as_before(net: Redactor) -> Iterator[None]:
    """Afterwards ``net`` looks for what it looked for before and for nothing else."""
    before = frozenset(net._watched)
    yield
    with net._lock:
        for value in net._watched - before:
            net._leave(value)
            net._watched.discard(value)
