"""The shapes answers come in: as documented and seen, or (*drift*) as they came elsewhere, in other types."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.wire import Answer
from backend.demo.hostwinds.refusals import title_of

Record = dict[str, Any]


class Shapes:
    """Wraps what is told. In *drift* mode payloads are bare, one result is an object, and numbers are texts."""

    def __init__(self, mode: str) -> None:
        self.is_drift = mode == "drift"

    def payload(self, value: Any) -> Any:
        return _loose(value) if self.is_drift else {"success": value}

    def flag(self, value: bool) -> Any:
        return {"success": value}

    def done(self, action: str, words: str, *, title: str | None = "") -> Any:
        """The result of a command; ``title`` None leaves it out, as the service does for some."""
        return self.results(_success(title_of(action) if title == "" else title, words))

    def results(self, *entries: Record) -> Any:
        return entries[0] if self.is_drift and len(entries) == 1 else list(entries)

    def refused(self, answer: Answer) -> Answer:
        """Errors come with status 200; elsewhere a stranger's was seen with 401 or 403."""
        status = answer.status if self.is_drift or answer.status >= 500 else 200
        return Answer(status, self.results(answer.body))

    def order(self, entry: Record) -> Any:
        """An ordered server: its invoice comes first."""
        return self.results(_success("Invoice Paid", "Invoice has been paid."), entry)


def created() -> Record:
    return _success("Add Instance", "Server is being Created!")


def _success(title: str | None, words: str) -> Record:
    named = {} if title is None else {"action": title}
    return {"result": "success", **named, "message": words}


def _loose(value: Any) -> Any:
    """Whole numbers as texts, and an empty map as PHP writes it: as a list."""
    if isinstance(value, dict):
        return {key: _loose(inner) for key, inner in value.items()} or []
    if isinstance(value, list):
        return [_loose(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
