"""The resolver over a name server on loopback: each answer and each failure is told for what it is."""

from __future__ import annotations

import asyncio

import pytest

from backend.core.resolver import Answer, NameServer, NotAName, Resolver, ResolverError, parsed_server
from tests.backend.authrecords.name_server import LoopbackServer, Zone

LONG = "x" * 3000


def asked(zone: Zone, name: str, kind: str, *, knows_edns: bool = True) -> Answer:
    with LoopbackServer(zone, knows_edns=knows_edns) as server:
        return asyncio.run(server.resolver().look_up(name, kind))


@pytest.mark.parametrize("knows_edns", [True, False])
def test_records_come_whole_and_in_one_form(knows_edns: bool) -> None:
    zone: Zone = {"example.com": [{"MX": [10, "mx1.example.com"]}, {"TXT": ["v=spf1 ", "-all"]}, {"TXT": LONG}]}

    assert asked(zone, "example.com", "MX", knows_edns=knows_edns).records == ("10 mx1.example.com.",)
    assert set(asked(zone, "Example.com.", "TXT", knows_edns=knows_edns).records) == {"v=spf1 -all", LONG}


def test_an_alias_is_followed() -> None:
    zone: Zone = {"www.example.com": [{"CNAME": "site.example.net"}], "site.example.net": [{"A": "192.0.2.1"}]}

    assert asked(zone, "www.example.com", "A").records == ("192.0.2.1",)


def test_a_name_without_records_of_the_type_is_told_from_no_name() -> None:
    zone: Zone = {"example.com": [{"A": "192.0.2.1"}]}

    assert asked(zone, "example.com", "MX").state == "empty"
    assert asked(zone, "not.example.com", "MX").state == "missing"


@pytest.mark.parametrize(
    ("entries", "cause"), [(["TIMEOUT"], "timed out"), ([{"RCODE": 5}], "refused"), ([{"RCODE": 2}], "failed")]
)
def test_a_server_that_does_not_answer_says_how(entries: list[object], cause: str) -> None:
    with pytest.raises(ResolverError) as caught:
        asked({"example.com": entries}, "example.com", "A")

    assert caught.value.cause == cause


@pytest.mark.parametrize("name", ["a..example", f"{'a' * 64}.example", ".".join(["a" * 60] * 5), ".example"])
def test_nobody_is_asked_for_what_is_no_name(name: str) -> None:
    with pytest.raises(NotAName):
        asyncio.run(Resolver([NameServer("127.0.0.1", 1)]).look_up(name, "A"))


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.1", NameServer("192.0.2.1", 53)),
        ("192.0.2.1:5353", NameServer("192.0.2.1", 5353)),
        ("[2001:db8::1]:5353", NameServer("2001:db8::1", 5353)),
        ("2001:db8::1", NameServer("2001:db8::1", 53)),
    ],
)
def test_a_name_server_is_read_as_it_is_written(text: str, server: NameServer) -> None:
    assert parsed_server(text) == server


def test_a_name_server_may_be_named() -> None:
    found = parsed_server("localhost:5353")
    assert found in (NameServer("127.0.0.1", 5353), NameServer("::1", 5353))


@pytest.mark.parametrize("text", ["", ":53", "[]:53", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x"])
def test_what_is_no_name_server_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$"):
        parsed_server(text)
