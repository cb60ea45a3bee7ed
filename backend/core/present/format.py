"""Figures, money, durations and times as a person reads them; pure, the present moment is always handed in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from functools import lru_cache

from backend.core.present.text import N_, _, language, made, ngettext, telling

THIN = "\u202f"
MINUS = "\u2212"
DASH = "–"
MICRO = 1_000_000
RATES = (N_("B/s"), N_("kB/s"), N_("MB/s"), N_("GB/s"))
_DECIMAL = N_("{whole}.{fraction}")
_DIGITS = re.compile(r"([0-9]+)")
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
MONTHS = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)


def number(value: float, digits: int = 0) -> str:
    """Thousands by thin spaces, a real minus sign, the language's decimal sign; what rounds to zero has no sign."""
    text = f"{value:,.{digits}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    text = text.replace(",", THIN).replace("-", MINUS)
    if digits == 0:
        return text
    whole, _point, fraction = text.partition(".")
    said = f"{whole}{_decimal_sign(language())}{fraction}"
    return made(said, _DECIMAL, {"whole": whole, "fraction": fraction})


def percent(value: float | None) -> str:
    """A share already in percent, without the sign: the unit stands in the header."""
    return DASH if value is None else number(value)


def money(micro: int | None, currency: str | None, digits: int = 2) -> str:
    """Micro-units of a currency: '12.00 USD'; a dash where the price is unknown."""
    if micro is None:
        return DASH
    figure = number(micro / MICRO, digits)
    return _with_unit(figure, currency) if currency else figure


def money_change(micro: int, currency: str | None, digits: int = 2) -> str:
    """A difference with its sign: '+7.20 USD'; 'no change' where there is none."""
    if micro == 0:
        return _("no change")
    sign = "+" if micro > 0 else "\N{MINUS SIGN}"
    price = money(abs(micro), currency, digits)
    return made(f"{sign}{price}", "{sign}{price}", {"sign": sign, "price": price})


def amount(micro: int | None) -> str:
    """Micro-units of a currency that is told elsewhere: '12.00'; a dash where it is unknown."""
    return DASH if micro is None else number(micro / MICRO, 2)


def unit(micro: int | None, currency: str | None) -> str:
    """The currency that an :func:`amount` is in; nothing of an amount that is unknown."""
    return currency or "" if micro is not None else ""


def data_size(megabytes: int) -> str:
    """Memory as plans state it: 512 MB, 2 GB."""
    if megabytes < 1024:
        return _("{amount} MB").format(amount=number(megabytes))
    return _("{amount} GB").format(amount=number(megabytes / 1024, 0 if megabytes % 1024 == 0 else 1))


def gigabytes(megabytes: int) -> str:
    """The same where the unit is told elsewhere: '2', '0.5'."""
    return number(megabytes / 1024, 0 if megabytes % 1024 == 0 else 1)


def of_limit(count: int, limit: int | None) -> str:
    """'23 of 25'; '23' where there is no limit."""
    if limit is None:
        return number(count)
    return _("{count} of {limit}").format(count=number(count), limit=number(limit))


def size(amount: float) -> str:
    """Bytes with a fitting decimal unit: 950 B, 4.2 GB."""
    return _scaled(amount, ("B", "kB", "MB", "GB", "TB"))


def rate(bytes_per_s: float) -> str:
    """Bytes a second with a fitting unit."""
    return _scaled(bytes_per_s, RATES)


def rate_unit(bytes_per_s: float) -> tuple[float, str]:
    """The unit in which a rate has at most three digits, and how many B/s it is: (1000.0, 'kB/s')."""
    _scaled_rate, step = _scale(bytes_per_s, len(RATES))
    return 1000.0**step, _(RATES[step])


def short(value: float) -> str:
    """For an axis: 950, 12k, 3.4M."""
    scaled, step = _scale(value, 4)
    return f"{number(scaled, 0 if abs(scaled) >= 10 or scaled == round(scaled) else 1)}{('', 'k', 'M', 'G')[step]}"


def duration(seconds: float) -> str:
    """'340 ms', '12 s', '11 min 42 s', '2 h 5 min', '3 d 4 h'; a second unit of nothing is left out: '6 h'."""
    seconds = max(0.0, seconds)
    if seconds < 0.9995:
        return _("{n} ms").format(n=round(seconds * 1000))
    whole = round(seconds)
    if whole < 60:
        return _("{n} s").format(n=whole)
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        form = _("{m} min {s} s") if rest else _("{m} min")
        return form.format(m=minutes, s=rest)
    if whole < 86_400:
        hours, rest = divmod(whole // 60, 60)
        form = _("{h} h {m} min") if rest else _("{h} h")
        return form.format(h=hours, m=rest)
    days, rest = divmod(whole // 3600, 24)
    form = _("{d} d {h} h") if rest else _("{d} d")
    return form.format(d=days, h=rest)


def estimate(seconds: float) -> str:
    """'about 40 s', 'about 5 min', rounded so that nobody takes it for a promise."""
    if seconds < 57.5:
        return _("about {n} s").format(n=max(5, round(seconds / 5) * 5))
    if seconds < 3570:
        return _("about {n} min").format(n=max(1, round(seconds / 60)))
    return _("about {n} h").format(
        n=number(max(1.0, round(seconds / 1800) / 2), 0 if round(seconds / 1800) % 2 == 0 else 1)
    )


def short_duration(seconds: float) -> str:
    """One unit only, for where there is no room: '12 s', '17 min', '6 h', '12 d'."""
    if seconds < 60:
        return _("{n} s").format(n=int(seconds))
    if seconds < 3600:
        return _("{n} min").format(n=int(seconds // 60))
    if seconds < 86_400:
        return _("{n} h").format(n=int(seconds // 3600))
    return _("{n} d").format(n=int(seconds // 86_400))


def age(moment: datetime | None, now: datetime) -> str:
    """'just now', '14 s ago', '3 min ago', '6 h ago', '12 days ago', 'never'."""
    return _("never") if moment is None else telling(_age((now - moment).total_seconds()), moment)


def clock(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """Hours and minutes in local time."""
    return DASH if moment is None else telling(moment.astimezone(zone).strftime("%H:%M"), moment)


def day(moment: datetime, zone: tzinfo | None = None) -> str:
    """Day and month in local time: '22 Nov'."""
    local = moment.astimezone(zone)
    return _("{day} {month}").format(day=local.day, month=_(MONTHS[local.month - 1]))


def full_day(value: date) -> str:
    """A day of the calendar with its year: '22 Nov 2026'."""
    day_and_month = _("{day} {month}").format(day=value.day, month=_(MONTHS[value.month - 1]))
    return _("{date} {year}").format(date=day_and_month, year=value.year)


def exact(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """The exact local time with its zone, for tooltips: 'Sun 22 Nov 2026, 14:31:05 CET'."""
    if moment is None:
        return DASH
    return _full(moment.astimezone(zone), "%H:%M:%S %Z")


def minute(moment: datetime, zone: tzinfo | None = None) -> str:
    """The local time to the minute with its zone: 'Sun 22 Nov 2026, 14:31 CET'."""
    return _full(moment.astimezone(zone), "%H:%M %Z")


@lru_cache(maxsize=4096)
def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts mx2 before mx10."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(name.casefold()) if part)


def _age(seconds: float) -> str:
    if seconds < 2:
        return _("just now")
    if seconds < 60:
        return _("{n} s ago").format(n=int(seconds))
    if seconds < 3600:
        return _("{n} min ago").format(n=int(seconds // 60))
    if seconds < 86_400:
        return _("{n} h ago").format(n=int(seconds // 3600))
    return ngettext("{n} day ago", "{n} days ago", int(seconds // 86_400)).format(n=int(seconds // 86_400))


def _full(local: datetime, clock_form: str) -> str:
    spoken = day(local, local.tzinfo)
    return _("{weekday} {date} {year}, {time}").format(
        weekday=_(DAYS[local.weekday()]), date=spoken, year=local.year, time=local.strftime(clock_form)
    )


def _scaled(amount: float, units: Sequence[str]) -> str:
    scaled, step = _scale(amount, len(units))
    return _with_unit(number(scaled, 1 if step else 0), units[step])


def _with_unit(figure: str, unit: str) -> str:
    return made(f"{figure} {unit}", "{figure} {unit}", {"figure": figure, "unit": unit})


@lru_cache
def _decimal_sign(_language: str) -> str:
    """Looked up once a language: every cell of a table with figures asks."""
    return _(_DECIMAL).format(whole="", fraction="")


def _scale(amount: float, steps: int) -> tuple[float, int]:
    """Divide by 1000 until three digits are left: (what is left, how often)."""
    step = 0
    while abs(amount) >= 999.5 and step < steps - 1:
        amount /= 1000
        step += 1
    return amount, step
