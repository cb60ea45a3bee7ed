"""Moments and rhythms: tables of cases across midnight, changed clocks and years."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.core.present import times
from backend.core.present.format import DASH, age, clock, duration, exact, minute
from backend.core.present.text import _, activate, joined, moments_in

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def berlin(text: str) -> datetime:
    """A local time of Berlin in UTC, as rows have it."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
def german() -> Iterator[None]:
    activate("de")
    yield
    activate("en")


@pytest.mark.parametrize(
    ("at", "now", "text"),
    [
        ("2026-11-24 21:49", "2026-11-24 21:52", "21:49"),
        ("2026-11-25 21:49", "2026-11-24 21:52", "tomorrow 21:49"),
        ("2026-11-23 08:12", "2026-11-24 21:52", "yesterday 08:12"),
        ("2026-11-25 00:00", "2026-11-24 23:59", "tomorrow 00:00"),
        ("2026-11-24 23:59", "2026-11-25 00:00", "yesterday 23:59"),
        ("2026-11-23 21:49", "2026-11-30 21:49", "Mon 23 Nov 21:49"),
        ("2026-11-26 21:49", "2026-11-24 21:49", "Thu 26 Nov 21:49"),
        ("2027-01-01 00:05", "2026-12-31 23:55", "tomorrow 00:05"),
        ("2027-01-06 08:12", "2026-12-31 23:55", "Wed 6 Jan 2027 08:12"),
        ("2025-11-24 08:12", "2026-11-24 08:12", "Mon 24 Nov 2025 08:12"),
        # the night of 25 Oct 2026 has 25 hours, that of 29 Mar 2026 has 23
        ("2026-10-24 23:30", "2026-10-25 23:45", "yesterday 23:30"),
        ("2026-10-26 00:15", "2026-10-25 00:10", "tomorrow 00:15"),
        ("2026-03-28 23:30", "2026-03-29 23:45", "yesterday 23:30"),
        ("2026-03-30 00:15", "2026-03-28 23:30", "Mon 30 Mar 00:15"),
    ],
)
def test_a_moment_has_its_day_unless_it_is_today(at: str, now: str, text: str) -> None:
    assert times.moment(berlin(at), berlin(now), BERLIN) == text


def test_which_day_it_is_depends_on_where_it_is_read() -> None:
    at, now = datetime(2026, 11, 25, 3, 0, tzinfo=UTC), datetime(2026, 11, 24, 22, 0, tzinfo=UTC)

    assert times.moment(at, now, BERLIN) == "tomorrow 04:00"
    assert times.moment(at, now, NEW_YORK) == "22:00"


def test_a_moment_that_is_not_known_is_a_dash_and_one_to_come_that_is_over_is_now() -> None:
    now = berlin("2026-11-24 21:52")

    assert times.moment(None, now, BERLIN) == DASH
    assert times.moment(berlin("2026-11-24 21:49"), now, BERLIN, is_ahead=True) == "now"
    assert times.moment(berlin("2026-11-24 21:55"), now, BERLIN, is_ahead=True) == "21:55"
    assert times.moment(now - timedelta(days=1, seconds=7), now, BERLIN, has_seconds=True) == "yesterday 21:51:53"


@pytest.mark.parametrize(
    ("at", "now", "text"),
    [
        ("2026-11-24 08:00", "2026-11-24 21:52", "24 Nov"),
        ("2026-11-25 08:00", "2026-11-24 21:52", "25 Nov"),
        ("2027-02-25 08:00", "2026-11-24 21:52", "25 Feb 2027"),
        ("2025-12-31 23:59", "2026-01-01 00:00", "31 Dec 2025"),
    ],
)
def test_a_date_has_its_year_unless_it_is_this_one(at: str, now: str, text: str) -> None:
    assert times.dated(berlin(at), berlin(now), BERLIN) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (30, "every 30 s"),
        (60, "every minute"),
        (900, "every 15 min"),
        (3600, "every hour"),
        (5400, "every 1 h 30 min"),
        (21_600, "every 6 h"),
        (86_400, "every day"),
        (259_200, "every 3 days"),
        (604_800, "every week"),
    ],
)
def test_a_period_is_said_without_units_of_nothing(seconds: int, text: str) -> None:
    assert times.every(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "next_at", "now", "text"),
    [
        (86_400, "2026-11-25 21:49", "2026-11-24 21:52", "every day at 21:49, next tomorrow"),
        (86_400, "2026-11-24 21:49", "2026-11-24 21:40", "every day at 21:49, next today"),
        (86_400, "2026-11-24 21:49", "2026-11-24 21:50", "every day at 21:49, next now"),
        (21_600, "2026-11-25 03:10", "2026-11-24 21:52", "every 6 h, next tomorrow 03:10"),
        (21_600, "2026-11-24 23:10", "2026-11-24 21:52", "every 6 h, next 23:10"),
        (604_800, "2026-11-30 04:00", "2026-11-24 21:52", "every week at 04:00, next Mon 30 Nov"),
        (604_800, "2027-01-04 04:00", "2026-12-29 21:52", "every week at 04:00, next Mon 4 Jan 2027"),
        (86_400, "2026-10-26 02:30", "2026-10-25 02:31", "every day at 02:30, next tomorrow"),
    ],
)
def test_a_rhythm_names_its_time_of_day_and_its_next_day(seconds: int, next_at: str, now: str, text: str) -> None:
    assert times.recurrence(seconds, berlin(next_at), berlin(now), BERLIN) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(60, "1 min"), (21_600, "6 h"), (86_400, "1 d"), (90_000, "1 d 1 h"), (3660, "1 h 1 min")]
)
def test_a_duration_has_no_unit_of_nothing(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.usefixtures("german")
def test_german_says_days_as_germans_do() -> None:
    now = berlin("2026-11-24 21:52")

    assert times.moment(berlin("2026-11-25 21:49"), now, BERLIN) == "morgen 21:49"
    assert times.moment(berlin("2026-11-23 08:12"), now, BERLIN) == "gestern 08:12"
    assert times.moment(berlin("2026-11-27 08:12"), now, BERLIN) == "Fr 27. Nov 08:12"
    assert times.moment(berlin("2027-01-06 08:12"), now, BERLIN) == "Mi 6. Jan 2027 08:12"
    assert times.recurrence(86_400, berlin("2026-11-25 21:49"), now, BERLIN) == "täglich um 21:49, nächstes Mal morgen"
    assert times.recurrence(21_600, berlin("2026-11-24 23:10"), now, BERLIN) == "alle 6 h, nächstes Mal 23:10"


@pytest.mark.parametrize(
    "say",
    [
        age,
        lambda at, _now: clock(at),
        lambda at, now: times.moment(at, now, BERLIN),
        lambda at, _now: times.moment(at, at, BERLIN),
        lambda at, now: times.moment(at, now, BERLIN, is_ahead=True),
        times.dated,
        lambda at, now: times.day_word(at, now, BERLIN),
        lambda at, _now: times.rhythm(86_400, at, BERLIN),
        lambda at, now: times.recurrence(86_400, at, now, BERLIN),
        lambda at, now: _("last check {age}").format(age=age(at, now)),
        lambda at, now: _("{account}: {what}").format(account=joined(("Main", age(at, now)), ", "), what="x"),
        lambda at, now: joined(("", clock(at), age(at, now)), "\n"),
    ],
)
@pytest.mark.parametrize("hours", [-30, -2, 0, 2, 50])
def test_what_tells_a_moment_in_short_knows_it(say: Callable[[datetime, datetime], str], hours: int) -> None:
    now = berlin("2026-11-24 12:00")
    at = now + timedelta(hours=hours)

    assert moments_in(say(at, now)) == (at,)


def test_what_tells_no_moment_or_all_of_it_knows_none() -> None:
    at = berlin("2026-11-24 12:00")

    said = [exact(at), minute(at), duration(60), age(None, at), times.moment(None, at), times.every(60), _("now"), "x"]
    assert [moments_in(each) for each in said] == [()] * len(said)
    assert (joined((), "\n"), joined(("", ""), "\n"), joined(("a", "", "b"), ", ")) == ("", "", "a, b")
