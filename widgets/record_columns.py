"""Columns that many tables have: amounts of money, and how long ago something was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from backend.core.present import format as words
from backend.core.present.text import _
from widgets.answer_mark import Answer
from widgets.record_model import Column

Row = TypeVar("Row")


def money_column(
    title: str,
    micro: Callable[[Row], int | None],
    currency: Callable[[Row], str | None],
    *,
    unit_title: str = "",
    tooltip: Callable[[Row], str] | None = None,
    answer: Callable[[Row], Answer | None] | None = None,
) -> Column[Row]:
    """Amounts in micro-units. One that nobody knows is not the cheapest: it comes after all others."""
    return Column(
        title,
        text=lambda row: words.amount(micro(row)),
        sort=lambda row: unknown_last(micro(row)),
        tooltip=tooltip,
        answer=answer,
        is_number=True,
        unit=lambda row: words.unit(micro(row), currency(row)),
        unit_title=unit_title or _("{title}, {unit}").format(title=title, unit="{unit}"),
    )


def monthly_column(
    micro: Callable[[Row], int | None],
    currency: Callable[[Row], str | None],
    *,
    tooltip: Callable[[Row], str] | None = None,
    answer: Callable[[Row], Answer | None] | None = None,
) -> Column[Row]:
    """What something costs a month."""
    unit_title = _("{unit} / month")
    return money_column(_("Per month"), micro, currency, unit_title=unit_title, tooltip=tooltip, answer=answer)


def age_column(title: str, moment: Callable[[Row], datetime | None]) -> Column[Row]:
    """'3 min ago', with the exact time in the tooltip; what never was comes before all others."""
    return Column(
        title,
        text=lambda row: words.age(moment(row), datetime.now(UTC)),
        sort=moment,
        tooltip=lambda row: words.exact(moment(row)),
    )


def unknown_last(micro: int | None) -> tuple[bool, int]:
    """How amounts are compared."""
    return micro is None, micro or 0
