"""Money is whole micro-units: what a provider writes goes in without loss."""

from __future__ import annotations

from decimal import Decimal

import pytest

from backend.core.money import Money

WRITTEN = [
    ("18.00", 18_000_000),
    ("0.02679", 26_790),
    (0.02679, 26_790),
    (0.1, 100_000),
    (12, 12_000_000),
    (Decimal("-3.5"), -3_500_000),
    ("0.0000005", 0),
    ("0.0000015", 2),
    ("1e3", 1_000_000_000),
]


@pytest.mark.parametrize(("amount", "micro"), WRITTEN)
def test_an_amount_becomes_micro_units(amount: str | float | Decimal, micro: int) -> None:
    assert Money.of(amount, "USD") == Money(micro, "USD")


def test_a_month_of_hours_is_exact() -> None:
    assert Money.of("0.02679", "USD").times(672) == Money.of("18.00288", "USD")


def test_amounts_of_one_currency_add_up_and_of_two_do_not() -> None:
    assert Money.of("1.5", "EUR") + Money.of("0.25", "EUR") == Money.of("1.75", "EUR")
    with pytest.raises(ValueError, match="cannot add USD to EUR"):
        Money.of(1, "EUR") + Money.of(1, "USD")
