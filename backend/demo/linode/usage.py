"""What servers of the emulated account used: the traffic that a control said, and a chart of the last day."""

from __future__ import annotations

import time
from typing import Any

from backend.demo.emulator.state import State
from backend.demo.linode.network_refusals import STATS
from backend.demo.linode.refusals import bad

Record = dict[str, Any]

GB = 1_000_000_000
STEP_S, DAY_S = 300, 86_400
MONTH_S = 30 * DAY_S


class Use:
    """Shows it; the records ``traffic`` are the controls' own."""

    def __init__(self, state: State) -> None:
        self._state = state

    def transfer(self, server: Record) -> Record:
        """Only what a server sends is counted, against the quota it adds to the account's pool."""
        sent, quota = int(self._said(server).get("sent", 0)), server["specs"]["transfer"]
        return {"used": sent, "quota": quota, "billable": max(0, sent // GB - quota)}

    def stats(self, server: Record) -> Record:
        """Each CPU is 100 percent.

        :raises Refusal: nothing was ever said of it, as of a server that is some minutes old.
        """
        said = self._said(server)
        if not said:
            raise bad(STATS)
        moments = [1_000 * second for second in range(*_last_day(), STEP_S)]
        received, sent = (said.get(name, 0) * 8 / MONTH_S for name in ("received", "sent"))
        nothing = _chart(moments, 0.0)
        public = {"in": _chart(moments, received), "out": _chart(moments, sent)}
        private = {"private_in": nothing, "private_out": nothing}
        return {
            "title": f"linode.com - {server['name']} ({server['id']}) - day (5 min avg)",
            "cpu": _chart(moments, said.get("cpu", 0) * server["specs"]["vcpus"]),
            "io": {"io": nothing, "swap": nothing},
            "netv4": public | private,
            "netv6": {"in": nothing, "out": nothing} | private,
        }

    def _said(self, server: Record) -> Record:
        return self._state.get("traffic", str(server["id"])) or {}


def _last_day() -> tuple[int, int]:
    """Whole steps of the last day, in seconds."""
    now = int(time.time()) // STEP_S * STEP_S
    return now - DAY_S + STEP_S, now + 1


def _chart(moments: list[int], value: float) -> list[list[float]]:
    return [[moment, value] for moment in moments]
