"""Requests and answers of an emulated API, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """One request: ``body`` is the decoded JSON, the fields of a form, or None; ``headers`` have lower-case names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    client: str = ""
    """the address it came from"""

    @property
    def is_form(self) -> bool:
        return self.headers.get("content-type", "").startswith(FORM)

    @property
    def call(self) -> str:
        """What it asks for: the path, and where all calls share one, the form's action and the server it is about."""
        named = [self.body.get("action"), self.body.get("serviceid")] if self.is_form else []
        return "/".join([self.path, *(str(each) for each in named if each)])


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
