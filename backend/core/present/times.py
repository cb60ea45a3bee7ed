"""Moments and rhythms as a person reads them: the day always with the time where it is not today; pure, ``now`` is
handed in.

A day is one of the calendar of ``zone`` (this computer's where None is given): a night with a changed clock is one
day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from backend.core.present.format import DASH, DAYS, clock, day, duration, full_day
from backend.core.present.text import _, ngettext, telling

DAY_S = 86_400
WEEK_S = 7 * DAY_S


def moment(
    at: datetime | None, now: datetime, zone: tzinfo | None = None, *, has_seconds: bool = False, is_ahead: bool = False
) -> str:
    """'21:49' today; else 'tomorrow 21:49', 'yesterday 08:12', 'Mon 24 Nov 21:49', 'Wed 6 Jan 2027 08:12'.

    ``is_ahead``: it is still to come, so that one of today that is over is 'now'.
    """
    if at is None:
        return DASH
    if is_ahead and at <= now:
        return telling(_("now"), at)
    time = at.astimezone(zone).strftime("%H:%M:%S") if has_seconds else clock(at, zone)
    if _is_today(at, now, zone):
        return telling(time, at)
    return telling(_("{day} {time}").format(day=day_word(at, now, zone), time=time), at)


def day_word(at: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """'today', 'tomorrow', 'yesterday', 'Mon 24 Nov'; with the year where it is another one."""
    local, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    named = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}.get((local - today).days)
    if named is None:
        named = _("{weekday} {date}").format(weekday=_(DAYS[local.weekday()]), date=_dated(local, today))
    return telling(named, at)


def dated(at: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """A day by its date alone: '24 Nov', '6 Jan 2027' where it is of another year."""
    return telling(_dated(at.astimezone(zone).date(), now.astimezone(zone).date()), at)


def every(seconds: int) -> str:
    """'every minute', 'every 15 min', 'every hour', 'every 6 h', 'every day', 'every week', 'every 3 days'."""
    known = {60: _("every minute"), 3600: _("every hour"), DAY_S: _("every day"), WEEK_S: _("every week")}
    if seconds in known:
        return known[seconds]
    if seconds > 0 and seconds % DAY_S == 0:
        days = seconds // DAY_S
        return ngettext("every {n} day", "every {n} days", days).format(n=days)
    return _("every {duration}").format(duration=duration(seconds))


def rhythm(seconds: int, next_at: datetime, zone: tzinfo | None = None) -> str:
    """:func:`every`, with the time of day where that stays the same: 'every day at 21:49', 'every 6 h'."""
    if seconds % DAY_S:
        return every(seconds)
    return _("{every} at {time}").format(every=every(seconds), time=clock(next_at, zone))


def recurrence(seconds: int, next_at: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """A rhythm and its next time: 'every day at 21:49, next tomorrow', 'every 6 h, next 23:10'."""
    is_daily = not seconds % DAY_S and next_at > now
    following = day_word(next_at, now, zone) if is_daily else moment(next_at, now, zone, is_ahead=True)
    return _("{rhythm}, next {time}").format(rhythm=rhythm(seconds, next_at, zone), time=following)


def _is_today(at: datetime, now: datetime, zone: tzinfo | None) -> bool:
    return at.astimezone(zone).date() == now.astimezone(zone).date()


def _dated(local: date, today: date) -> str:
    if local.year != today.year:
        return full_day(local)
    return day(datetime(local.year, local.month, local.day, tzinfo=UTC), UTC)
