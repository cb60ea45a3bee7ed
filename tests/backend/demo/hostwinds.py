"""An account at the emulated Hostwinds, as tests use it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backend.providers.cases.hostwinds import API, IMAGE
from tests.emulators.forms import Forms
from tests.emulators.process import Emulator
from tests.installation import until

Record = dict[str, Any]

emulated = pytest.mark.emulates("hostwinds", per_second=10_000)
ORDER: Record = {"template": IMAGE, "rid": 52, "location_id": 12, "qty": 1, "srvrname": "mx1"}


class Account(Forms):
    """A client that orders servers and waits for them; answers as documented."""

    def __init__(self, emulator: Emulator, *, key: str | None = None) -> None:
        super().__init__(emulator, API, key=key)

    def ordered(self, **changes: Any) -> int:
        """The number of a new server: the answer to the order does not have it."""
        before = {each["id"] for each in self.told("get_instance_ids")}
        assert self.call("add_instance", **{**ORDER, **changes})[1]["message"] == "Server is being Created!"
        (made,) = {each["id"] for each in self.told("get_instance_ids")} - before
        return int(made)

    def get(self, number: int) -> Record:
        found: Record = self.told("get_instance", serviceid=number)
        return found

    def becomes(self, number: int, status: str) -> Record:
        """The server, once it rests in a state."""

        def look() -> Record | None:
            seen = self.get(number)
            return seen if (seen["status"], seen["task_state"]) == (status, None) else None

        found = until(look, f"server {number} to be {status}")
        assert found is not None
        return found

    def active(self, **changes: Any) -> int:
        number = self.ordered(**changes)
        self.becomes(number, "ACTIVE")
        return number
