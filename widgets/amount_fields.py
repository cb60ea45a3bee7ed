"""Fields for a count and for an amount of storage; either may stay empty."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QLineEdit

GB = 1_000_000_000
MB = 1_000_000
#: What a quota may be at most, in GB: more than any disk has.
MOST_GB = 100_000
AMOUNT = re.compile(r"[0-9]{1,6}([.,][0-9]{1,3})?")


class QuotaField(QLineEdit):
    """An amount in GB, or nothing. What was set stays the same to the byte while nobody types."""

    def __init__(self, amount: int | None = None) -> None:
        super().__init__(as_typed(amount))
        self._set = amount

    def show_amount(self, amount: int | None) -> None:
        """As if it had been set from the beginning."""
        self._set = amount
        self.setText(as_typed(amount))

    @property
    def amount(self) -> int | None:
        """In bytes; None for none, and for what is no amount."""
        if self.text() == as_typed(self._set):
            return self._set
        try:
            return typed_gigabytes(self.text())
        except ValueError:
            return None

    @property
    def is_wrong(self) -> bool:
        return bool(self.text().strip()) and self.amount is None


class CountField(QLineEdit):
    """A number from 0 on, or nothing for no limit."""

    def __init__(self, count: int | None = None) -> None:
        super().__init__("" if count is None else str(count))

    def show_count(self, count: int | None) -> None:
        self.setText("" if count is None else str(count))

    @property
    def count(self) -> int | None:
        text = self.text().strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    @property
    def is_wrong(self) -> bool:
        return bool(self.text().strip()) and self.count is None


def typed_gigabytes(text: str) -> int | None:
    """Bytes for what was typed as GB, with a dot or a comma; None for nothing.

    :raises ValueError: it is no amount.
    """
    plain = text.strip()
    if not plain:
        return None
    amount = round(float(plain.replace(",", ".")) * GB) if AMOUNT.fullmatch(plain) else 0
    if not MB <= amount <= MOST_GB * GB:
        raise ValueError(text)
    return amount


def as_typed(amount: int | None) -> str:
    """Bytes as they would be typed: '5', '0.5'; nothing for no limit."""
    return "" if amount is None else f"{amount / GB:.3f}".rstrip("0").rstrip(".")
