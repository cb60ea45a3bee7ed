"""What an emulated account owes for its servers, month by month: of those that are there, and of those that were.

Nothing is counted as it goes: each month's lines follow from when a server had which plan, which its record says.
Snapshots and addresses cost nothing here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from backend.demo.emulator.state import State

Record = dict[str, Any]

HOUR_S = 3_600
GONE, BILLED = "gone", "billed_since"


@dataclass(frozen=True)
class Use:
    """One plan of one server in one month: so many units of time at a price by the hour, and the sum, to the cent."""

    server: Record
    plan: str
    units: int
    hourly: float
    total: float


@dataclass(frozen=True)
class Tariff:
    """How a cloud bills. Records have their plan at ``plan_field``, and when they were made at ``began_field``.

    ``price`` of a server's plan is that of an hour and the most a month costs. Begun units of ``unit_s`` are paid
    whole, ``least_units`` and the sum ``least`` at least; one in which a server got another plan is paid as the later
    one's. ``line`` is a use as the cloud shows it, with its ``total``.
    """

    plan_field: str
    began_field: str
    price: Callable[[Record, str], tuple[float, float]]
    line: Callable[[Use], Record]
    unit_s: int = HOUR_S
    least_units: int = 1
    least: float = 0.0


@dataclass(frozen=True)
class Bill:
    """Of one month that is over: its first moment, that of the next one, and the sum."""

    month: datetime
    at: datetime
    total: float


class Charges:
    """Owner of the records of servers that are gone, and of since when there are bills."""

    def __init__(self, state: State, tariff: Tariff) -> None:
        self._state = state
        self._tariff = tariff

    def lines(self) -> list[Record]:
        """Of this month so far."""
        return self._lines(month_of(present()))

    def total(self) -> float:
        """Of this month so far."""
        return _sum(self.lines())

    def settle(self, server: Record) -> None:
        """A server is gone, what it cost is not."""
        with self._state.change():
            fields = {"id", "name", "region", "plans", self._tariff.plan_field, self._tariff.began_field}
            kept = {name: value for name, value in server.items() if name in fields}
            self._state.put(GONE, str(server["id"]), {"server": kept, "until": present().isoformat()})

    def bill_since(self, began: str) -> None:
        """The account has been there since then: each month of it that is over has a bill. Within the caller's
        transaction."""
        self._state.put("setting", BILLED, {"since": began})

    def bills(self) -> list[Bill]:
        """Of the months that are over, the oldest first; none where :meth:`bill_since` never was called."""
        billed = self._state.get("setting", BILLED)
        if billed is None:
            return []
        first, present_month = month_of(_moment(billed["since"])), month_of(present())
        months = [first]
        while months[-1] < present_month:
            months.append(_next(months[-1]))
        return [Bill(month, after, _sum(self._lines(month))) for month, after in pairwise(months)]

    def _lines(self, month: datetime) -> list[Record]:
        there = [(server, present()) for server in self._state.all("server")]
        gone = [(each["server"], _moment(each["until"])) for each in self._state.all(GONE)]
        uses = (use for server, until in [*gone, *there] for use in self._uses(server, until, month))
        return [self._tariff.line(use) for use in uses]

    def _uses(self, server: Record, until: datetime, month: datetime) -> Iterator[Use]:
        """What a server that was there up to ``until`` used in a month."""
        tariff, after = self._tariff, _next(month)
        began = _moment(str(server[tariff.began_field]))
        if until <= month or began >= after:
            return
        begin, end, paid = max(began, month), min(until, after), 0
        plans = _plans_until(server, str(server[tariff.plan_field]), end)
        for plan, left_at in plans:
            spent = (left_at - begin).total_seconds() / tariff.unit_s
            is_last = left_at == end
            units = max(tariff.least_units, math.ceil(spent)) if is_last else math.floor(spent)
            if units > paid:
                yield self._use(server, plan, units - paid)
                paid = units

    def _use(self, server: Record, plan: str, units: int) -> Use:
        hourly, most = self._tariff.price(server, plan)
        cost = min(units * self._tariff.unit_s / HOUR_S * hourly, most)
        return Use(server, plan, units, hourly, max(self._tariff.least, round(cost, 2)))


def left_plan(server: Record, plan: str) -> list[Record]:
    """The field ``plans`` of a server that has another plan than ``plan`` from now on."""
    return [*server.get("plans", ()), {"plan": plan, "until": present().isoformat()}]


def age_s(written: str) -> float:
    """Seconds since a moment in ISO 8601."""
    return (present() - datetime.fromisoformat(written)).total_seconds()


def month_of(moment: datetime) -> datetime:
    """The first moment of its month."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def present() -> datetime:
    """Now in UTC."""
    return datetime.now(UTC)


def _plans_until(server: Record, plan: str, end: datetime) -> list[tuple[str, datetime]]:
    """Which it had up to ``end``, and until when; ``plan`` is the one it has."""
    left = [(str(each["plan"]), _moment(each["until"])) for each in server.get("plans", ())]
    before = [each for each in left if each[1] < end]
    then = left[len(before)][0] if len(before) < len(left) else plan
    return [*before, (then, end)]


def _next(month: datetime) -> datetime:
    return month_of(month + timedelta(days=32))


def _moment(written: str) -> datetime:
    """Of ISO 8601, in UTC where it does not say."""
    moment = datetime.fromisoformat(written)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _sum(lines: list[Record]) -> float:
    return float(round(sum(line["total"] for line in lines), 2))
