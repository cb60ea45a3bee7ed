"""Requests and answers of an emulated API, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Request:
    """One request: ``body`` is the decoded JSON or None, ``headers`` have lower-case names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    """One answer; ``body`` None sends none."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Api(Protocol):
    """An emulated provider."""

    def answer(self, request: Request) -> Answer:
        """Carry the request out; everything is on disk when this returns."""
        ...

    def control(self, request: Request) -> Answer:
        """Requests of tests and of the demo, under ``/__emulator/``."""
        ...

    def close(self) -> None:
        """Begin nothing more; what is under way goes on after the next start."""
        ...
