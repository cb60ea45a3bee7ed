"""What the steps leave for those after them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.engine.payload import Result


@dataclass(frozen=True)
class UpgradeLooked(Result):
    """``before`` is the version that the server's files named."""

    before: str


@dataclass(frozen=True)
class UpgradeProved(Result):
    """``by`` is what was asked and answered, in words."""

    by: str
