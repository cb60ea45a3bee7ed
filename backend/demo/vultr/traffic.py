"""What servers of the emulated account sent and received, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.demo.emulator.state import State
from backend.demo.vultr.refusals import bad

Record = dict[str, Any]

DAYS, MOST_DAYS = 30, 60
#: What is told of the last month's end, so that no sum over all days is this month's.
LAST_MONTH = {"incoming_bytes": 15_989_787, "outgoing_bytes": 25_327_729}


def bandwidth(state: State, server: Record, query: Mapping[str, str]) -> Record:
    """Of the last days that ``date_range`` asks for. What the control ``traffic`` says is told as today's."""
    text, now = query.get("date_range", str(DAYS)), datetime.now(UTC)
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise bad("Invalid date_range.")
    said = state.get("traffic", server["id"])
    if said is None:
        return {}
    today = {"incoming_bytes": said["received"], "outgoing_bytes": said["sent"]}
    days = {now - timedelta(days=now.day): LAST_MONTH, now: today}
    return {f"{day:%Y-%m-%d}": told for day, told in days.items() if (now - day).days <= int(text)}
