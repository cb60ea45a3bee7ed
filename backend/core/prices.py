"""What a plan costs where: one price, and the regions that cost something else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar


@dataclass(frozen=True)
class RegionalPrice:
    """What a plan costs in one region where it costs something else there."""

    region: str
    hourly_micro: int | None
    monthly_micro: int | None


def moment_of(text: str | None) -> datetime | None:
    """The day a price is of, as it is kept with its plan in ISO 8601."""
    return datetime.fromisoformat(text) if text else None


P = TypeVar("P", bound="Priced")


class Priced(Protocol):
    """A plan, however it is kept."""

    @property
    def overrides(self) -> tuple[RegionalPrice, ...]: ...


def priced_in(plan: P, region: str) -> P:
    """The plan at what it costs in a region."""
    for each in plan.overrides:
        if each.region == region:
            changed: Any = plan
            there: P = replace(changed, hourly_micro=each.hourly_micro, monthly_micro=each.monthly_micro)
            return there
    return plan
