"""What an emulated account owes this month: of servers that are there, and of those that were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from backend.demo.emulator.state import State

Record = dict[str, Any]


class Charges:
    """Owner of what deleted servers have cost. ``bill`` makes one line of a server's record: its ``total`` is in units
    of the currency, to the cent.
    """

    def __init__(self, state: State, bill: Callable[[Record], Record]) -> None:
        self._state = state
        self._bill = bill

    def lines(self) -> list[Record]:
        return [*self._state.all("charge"), *map(self._bill, self._state.all("server"))]

    def total(self) -> float:
        return float(round(sum(line["total"] for line in self.lines()), 2))

    def settle(self, server: Record) -> None:
        """A server is gone, what it cost is not."""
        with self._state.change():
            self._state.put("charge", str(server["id"]), self._bill(server))


def age_s(written: str) -> float:
    """Seconds since a moment in ISO 8601."""
    return (datetime.now(UTC) - datetime.fromisoformat(written)).total_seconds()
