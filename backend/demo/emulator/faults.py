"""Trouble on request: what an emulated provider does instead of, or after, its work."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

FaultKind = Literal[
    "timeout_before",
    "lost_answer",
    "429",
    "500",
    "500_after",
    "html",
    "malformed",
    "cut_body",
    "changed",
    "slow",
    "close",
]
KINDS: tuple[str, ...] = get_args(FaultKind)
#: Faults that come after the request was carried out.
AFTER_COMMIT: frozenset[str] = frozenset({"lost_answer", "500_after", "malformed", "cut_body", "changed"})


@dataclass
class Fault:
    """Strikes requests whose method and path begin match, after ``skip`` of them, ``times`` times.

    ``html`` answers with ``status``. ``slow`` begins its work after ``seconds``, or as soon as the faults are cleared.
    ``changed`` answers with other values: ``changes`` by dotted name (``droplet.status``; a number is a place in a
    list), and the names in ``without`` are left out.
    """

    kind: FaultKind
    method: str = ""
    path: str = ""
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    retry_after: int = 1
    status: int = 503
    changes: Mapping[str, Any] = field(default_factory=dict)
    without: Sequence[str] = ()
    cleared: threading.Event = field(default_factory=threading.Event, init=False)

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in ("", method) and path.startswith(self.path)

    def changed(self, body: Any) -> Any:
        """A copy of an answer's body as this fault wants it."""
        copy = json.loads(json.dumps(body))
        for name, value in self.changes.items():
            holder, last = _holder(copy, name)
            holder[last] = value
        for name in self.without:
            holder, last = _holder(copy, name)
            del holder[last]
        return copy


def _holder(body: Any, name: str) -> tuple[Any, Any]:
    """What holds the value a dotted name leads to, and its key there."""
    *path, last = [int(part) if part.isdigit() else part for part in name.split(".")]
    for part in path:
        body = body[part]
    return body, last


class Faults:
    """The faults a test asked for; thread-safe."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, wanted: dict[str, Any]) -> None:
        """:raises ValueError: an unknown kind or field."""
        match = wanted.pop("match", {})
        if wanted.get("kind") not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        try:
            fault = Fault(method=match.get("method", ""), path=match.get("path", ""), **wanted)
        except TypeError as error:
            raise ValueError(str(error)) from error
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """None strikes any more; what a slow one holds goes on."""
        with self._lock:
            for fault in self._faults:
                fault.cleared.set()
            self._faults.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault for this request, used up by one."""
        with self._lock:
            for fault in self._faults:
                if not fault.matches(method, path):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None
