"""What drivers share whose providers take no login keys into the account: the key goes with the order."""

from __future__ import annotations

from collections.abc import Sequence

from backend.providers.capabilities import refuse
from backend.providers.ports import LoginKey


class WithoutLoginKeys:
    """This part of a :class:`backend.providers.ports.ComputeProvider`; what the account has of them is not ours."""

    kind: str

    def login_keys(self) -> Sequence[LoginKey]:
        return []

    def register_key(self, _name: str, _public_key: str) -> str:
        refuse(self.kind, "login_keys")

    def find_key(self, _name: str) -> str | None:
        return None

    def remove_key(self, _key_id: str) -> None:
        """We never put one there."""
