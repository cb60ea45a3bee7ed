"""Figures, money, durations and times as a person reads them; pure, the present moment is always handed in."""

from __future__ import annotations

from datetime import datetime, tzinfo

from backend.core.present.text import _, ngettext

THIN = "\u202f"
MINUS = "\u2212"
DASH = "–"
MICRO = 1_000_000


def number(value: float, digits: int = 0) -> str:
    """Thousands by thin spaces, a real minus sign."""
    return f"{value:,.{digits}f}".replace(",", THIN).replace("-", MINUS)


def percent(value: float | None) -> str:
    """A share already in percent, without the sign: the unit stands in the header."""
    return DASH if value is None else number(value)


def money(micro: int | None, currency: str | None, digits: int = 2) -> str:
    """Micro-units of a currency: '12.00 USD'; a dash where the price is unknown."""
    return DASH if micro is None else f"{number(micro / MICRO, digits)} {currency or ''}".strip()


def data_size(megabytes: int) -> str:
    """Memory as plans state it: 512 MB, 2 GB."""
    if megabytes < 1024:
        return _("{amount} MB").format(amount=number(megabytes))
    return _("{amount} GB").format(amount=number(megabytes / 1024, 0 if megabytes % 1024 == 0 else 1))


def rate(bytes_per_s: float) -> str:
    """Bytes a second with a fitting unit."""
    for unit in ("B/s", "kB/s", "MB/s"):
        if bytes_per_s < 1000:
            return f"{number(bytes_per_s, 0 if unit == 'B/s' else 1)} {unit}"
        bytes_per_s /= 1000
    return f"{number(bytes_per_s, 1)} GB/s"


def duration(seconds: float) -> str:
    """'340 ms', '12 s', '11 min 42 s', '2 h 5 min'."""
    if seconds < 1:
        return _("{n} ms").format(n=round(seconds * 1000))
    whole = round(seconds)
    if whole < 60:
        return _("{n} s").format(n=whole)
    if whole < 3600:
        return _("{m} min {s} s").format(m=whole // 60, s=whole % 60)
    return _("{h} h {m} min").format(h=whole // 3600, m=whole % 3600 // 60)


def estimate(seconds: float) -> str:
    """'about 40 s', rounded so that nobody takes it for a promise."""
    step = 5 if seconds < 60 else 60
    return _("about {time}").format(time=duration(max(1.0, round(seconds / step) * step)))


def age(moment: datetime | None, now: datetime) -> str:
    """'just now', '14 s ago', '3 min ago', '6 h ago', '12 d ago', 'never'."""
    if moment is None:
        return _("never")
    seconds = (now - moment).total_seconds()
    if seconds < 2:
        return _("just now")
    if seconds < 60:
        return _("{n} s ago").format(n=int(seconds))
    if seconds < 3600:
        return _("{n} min ago").format(n=int(seconds // 60))
    if seconds < 86_400:
        return _("{n} h ago").format(n=int(seconds // 3600))
    return ngettext("{n} day ago", "{n} days ago", int(seconds // 86_400)).format(n=int(seconds // 86_400))


def clock(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """Hours and minutes in local time."""
    return DASH if moment is None else moment.astimezone(zone).strftime("%H:%M")


def exact(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """The exact local time with its zone, for tooltips."""
    return DASH if moment is None else moment.astimezone(zone).strftime("%a %d %b %Y, %H:%M:%S %Z")
