"""Which call is which: method and path patterns to handlers, and refusals on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from backend.demo.emulator.records import Records
from backend.demo.emulator.wire import Answer, Request

Handler = Callable[..., Answer]
#: One segment of a path, handed to the handler after the request.
ONE = r"([^/]+)"


class Refusal(Exception):
    """The request is answered with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


class Routes:
    """A table of calls; each one carried out is tallied."""

    def __init__(self, records: Records, table: Iterable[tuple[str, str, Handler]]) -> None:
        self._records = records
        self._table = [(method, re.compile(path + r"\Z"), handler) for method, path, handler in table]

    def find(self, request: Request) -> Answer | None:
        """The answer of the call's handler; None where there is no such call."""
        for method, pattern, handler in self._table:
            match = pattern.match(request.path)
            if match and method == request.method:
                self._records.count(f"{method} {pattern.pattern[:-2]}")
                return handler(request, *match.groups())
        return None
