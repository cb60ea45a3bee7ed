"""Whether an order fits into the limits that are known of an authority, and if not, from when on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.acme.authorities import Limits, authorities
from backend.acme.limits import Event, Room, Wanted, What, room

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIVE = authorities()[0].limits


def events(count: int, what: What, *names: str, apart: timedelta = timedelta(), renews: bool = False) -> list[Event]:
    """The last of them now."""
    return [Event(NOW - apart * each, what, names, renews) for each in range(count)]


def test_what_is_known_has_its_source_and_date() -> None:
    assert [each.kind for each in authorities()] == ["letsencrypt", "letsencrypt_staging"]
    assert [each.is_staging for each in authorities()] == [False, True]
    for each in authorities():
        assert each.directory_url.startswith("https://")
        assert each.limits.source.startswith("https://letsencrypt.org/")
        assert each.limits.as_of is not None
    assert LIVE.names == 100


def test_an_order_fits_into_an_empty_history_and_into_no_limits() -> None:
    assert room(LIVE, [], Wanted(("a.test",)), NOW) == Room(True)
    assert room(Limits(), events(9999, "issued", "a.test"), Wanted(("a.test",)), NOW) == Room(True)


def test_fifty_of_one_registered_domain_and_the_next_after_202_minutes() -> None:
    history = [event for each in range(50) for event in events(1, "issued", f"h{each}.example.co.uk")]

    found = room(LIVE, history, Wanted(("x.example.co.uk", "mx.other.co.uk")), NOW)

    assert found == Room(False, NOW + timedelta(minutes=202), ("50 certificates were issued for example.co.uk.",))
    assert room(LIVE, history, Wanted(("mx.other.co.uk",)), NOW).fits
    assert room(LIVE, history, Wanted(("x.example.co.uk",)), NOW + timedelta(minutes=202)).fits
    assert not room(LIVE, history, Wanted(("x.example.co.uk",)), NOW + timedelta(minutes=201)).fits


def test_five_of_the_same_names_whatever_their_order() -> None:
    history = events(5, "issued", "b.test", "a.test", renews=True)

    found = room(LIVE, history, Wanted(("a.test", "b.test"), renews=True), NOW)

    assert (found.fits, found.again_at) == (False, NOW + timedelta(hours=34))
    assert found.reasons == ("5 certificates were issued for exactly these names.",)
    assert room(LIVE, history, Wanted(("a.test",)), NOW).fits


def test_renewals_are_free_and_those_that_say_so_entirely() -> None:
    many = [event for each in range(50) for event in events(1, "issued", f"h{each}.a.test")]
    many += events(300, "ordered", "b.test")

    assert not room(LIVE, many, Wanted(("h1.a.test",)), NOW).fits
    assert room(LIVE, many, Wanted(("h1.a.test",), renews=True), NOW).fits
    same = many + events(5, "issued", "h1.a.test")
    assert not room(LIVE, same, Wanted(("h1.a.test",), renews=True), NOW).fits
    assert room(LIVE, same, Wanted(("h1.a.test",), replaces=True), NOW).fits
    renewed = [event for each in range(60) for event in events(1, "issued", f"h{each}.c.test", renews=True)]
    assert room(LIVE, renewed, Wanted(("new.c.test",)), NOW).fits


def test_three_hundred_orders_of_one_account() -> None:
    found = room(LIVE, events(300, "ordered", "a.test"), Wanted(("b.test",)), NOW)

    assert (found.again_at, found.reasons) == (NOW + timedelta(seconds=36), ("300 orders were sent by this account.",))
    assert room(LIVE, events(300, "ordered", "a.test", apart=timedelta(seconds=37)), Wanted(("b.test",)), NOW).fits


def test_five_failed_proofs_of_a_name_and_its_wildcard_in_an_hour() -> None:
    found = room(LIVE, events(5, "failed", "a.test"), Wanted(("*.a.test", "b.test")), NOW)

    assert (found.again_at, found.reasons) == (NOW + timedelta(minutes=12), ("5 proofs of a.test failed.",))
    assert room(LIVE, events(5, "failed", "a.test", apart=HOUR), Wanted(("a.test",)), NOW).fits


def test_a_name_that_failed_for_months_is_paused_until_a_person_resumes_it() -> None:
    failed = events(1200, "failed", "a.test", apart=timedelta(minutes=13))

    found = room(LIVE, failed, Wanted(("a.test",)), NOW + HOUR)

    assert (found.fits, found.again_at) == (False, None)
    assert "until a person resumes it there" in found.reasons[0]
    proved = [*failed, Event(NOW - HOUR, "proved", ("a.test",))]
    assert room(LIVE, proved, Wanted(("a.test",)), NOW + HOUR).fits


def test_too_many_names_are_no_matter_of_waiting() -> None:
    found = room(LIVE, events(5, "failed", "n1.test"), Wanted(tuple(f"n{each}.test" for each in range(101))), NOW)

    assert (found.fits, found.again_at) == (False, None)
    assert found.reasons[0].startswith("Too many names for one certificate: 101")


@pytest.mark.parametrize("ahead", [timedelta(days=1), timedelta(days=4000)])
def test_a_clock_that_was_set_back_leaves_nothing_shut_for_longer(ahead: timedelta) -> None:
    later = [Event(NOW + ahead, "ordered", ("a.test",)) for _each in range(300)]

    assert room(LIVE, later, Wanted(("b.test",)), NOW).again_at == NOW + timedelta(seconds=36)
