"""Figures and times as a person reads them: tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from backend.core.present import format as words

NOW = datetime(2026, 11, 22, 13, 31, 5, tzinfo=UTC)
CET = timezone(timedelta(hours=1), "CET")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1302, 0, "1\u202f302"),
        (-7.2, 1, "\u22127.2"),
        (-0.04, 1, "0.0"),
        (0, 0, "0"),
        (1234567.891, 2, "1\u202f234\u202f567.89"),
    ],
)
def test_numbers_have_thin_spaces_and_a_real_minus(value: float, digits: int, text: str) -> None:
    assert words.number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, words.DASH), (0.0, "0"), (0.4, "0"), (99.6, "100"), (1234.0, "1\u202f234")]
)
def test_a_share_has_no_sign_and_an_unknown_one_is_a_dash(value: float | None, text: str) -> None:
    assert words.percent(value) == text


def test_names_sort_as_people_count() -> None:
    names = ["mx10.example", "mx2.example", "mx1.example", "Mx1.alpha"]

    assert sorted(names, key=words.natural) == ["Mx1.alpha", "mx1.example", "mx2.example", "mx10.example"]


def test_the_minute_names_day_and_zone() -> None:
    assert words.minute(NOW, CET) == "Sun 22 Nov 2026, 14:31 CET"


@pytest.mark.parametrize(
    ("micro", "currency", "text"),
    [
        (12_400_000, "EUR", "12.40 EUR"),
        (-7_200_000, "EUR", "\u22127.20 EUR"),
        (None, "EUR", "–"),
        (6_000_000, None, "6.00"),
        (1_302_000_000, "USD", "1\u202f302.00 USD"),
    ],
)
def test_money_is_made_of_micro_units(micro: int | None, currency: str | None, text: str) -> None:
    assert words.money(micro, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 B/s"), (999.4, "999 B/s"), (999.9, "1.0 kB/s"), (4_200_000, "4.2 MB/s"), (7e12, "7\u202f000.0 GB/s")],
)
def test_rates_take_the_fitting_unit(value: float, text: str) -> None:
    assert words.rate(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(950, "950"), (12_000, "12k"), (1500, "1.5k"), (3_400_000, "3.4M"), (-12_400, "\u221212k")]
)
def test_axis_figures_are_short(value: float, text: str) -> None:
    assert words.short(value) == text


@pytest.mark.parametrize(("megabytes", "text"), [(512, "512 MB"), (2048, "2 GB"), (1536, "1.5 GB")])
def test_memory_is_said_as_plans_say_it(megabytes: int, text: str) -> None:
    assert words.data_size(megabytes) == text


def test_sizes_are_decimal() -> None:
    assert words.size(4_200_000_000) == "4.2 GB"
    assert words.size(84) == "84 B"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.34, "340 ms"),
        (0.9999, "1 s"),
        (12, "12 s"),
        (59.7, "1 min"),
        (702, "11 min 42 s"),
        (7500, "2 h 5 min"),
        (273_600, "3 d 4 h"),
        (-3, "0 ms"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(12.9, "12 s"), (1020, "17 min"), (3599, "59 min"), (21_600, "6 h"), (1_036_800, "12 d")]
)
def test_where_there_is_no_room_a_duration_has_one_unit(seconds: float, text: str) -> None:
    assert words.short_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "about 5 s"), (41, "about 40 s"), (58, "about 1 min"), (290, "about 5 min"), (5400, "about 1.5 h")],
)
def test_estimates_are_round(seconds: float, text: str) -> None:
    assert words.estimate(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "just now"),
        (-30, "just now"),
        (14, "14 s ago"),
        (180, "3 min ago"),
        (21_600, "6 h ago"),
        (86_400, "1 day ago"),
        (1_036_800, "12 days ago"),
    ],
)
def test_ages(seconds: float, text: str) -> None:
    assert words.age(NOW - timedelta(seconds=seconds), NOW) == text


def test_what_never_happened_has_no_age() -> None:
    assert words.age(None, NOW) == "never"


def test_the_exact_time_is_local_and_names_its_zone() -> None:
    assert words.exact(NOW, CET) == "Sun 22 Nov 2026, 14:31:05 CET"
    assert words.clock(NOW, CET) == "14:31"
    assert words.day(NOW, CET) == "22 Nov"
    assert words.exact(None) == words.clock(None) == "–"
