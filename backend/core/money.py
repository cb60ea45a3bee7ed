"""Money as whole numbers: micro-units of a currency, so that an hourly price loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

MICRO = 1_000_000


@dataclass(frozen=True, order=True)
class Money:
    """``micro`` millionths of one unit of ``currency`` (ISO 4217)."""

    micro: int
    currency: str

    @classmethod
    def of(cls, amount: str | float | Decimal, currency: str) -> Money:
        """From a decimal amount as a provider writes it; a float goes through its shortest text."""
        exact = Decimal(str(amount)) * MICRO
        return cls(int(exact.to_integral_value(ROUND_HALF_EVEN)), currency)

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.micro + other.micro, self.currency)

    def times(self, factor: int) -> Money:
        """``factor`` of these."""
        return Money(self.micro * factor, self.currency)
