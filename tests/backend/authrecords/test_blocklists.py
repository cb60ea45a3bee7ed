"""Blocklists that work, refuse, died, list everything or keep silent, asked over a name server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address
from typing import Any

import pytest

from backend.authrecords.blocklists import Blocklist, Listing, listings, query_name
from backend.core.resolver import Resolver
from tests.backend.authrecords.name_server import LoopbackServer

BAD, GOOD, BAD6 = "192.0.2.66", "192.0.2.1", "2001:db8::66"
LIST = "list.example"
TESTED = {"2.0.0.127": [{"A": "127.0.0.2"}]}
TESTED6 = {query_name(IPv6Address("::ffff:127.0.0.2"), "")[:-1]: [{"A": "127.0.0.2"}]}
CODES = {"127.0.0.2": "spam", "127.0.0.4-7": "exploited"}
REFUSED = {"127.255.255.254": "asked through a public resolver"}


def asked(entries: Mapping[str, Sequence[Any]], address: str = BAD, **settings: Any) -> Listing:
    """What one list with these entries in front of its zone says."""
    zone = {f"{name}.{LIST}": values for name, values in entries.items()}
    blocklist = Blocklist(LIST, **{"codes": CODES, "refusals": REFUSED, **settings})
    with LoopbackServer({LIST: [], **zone}) as server:
        (found,) = asyncio.run(listings(server.resolver(), [blocklist], address))
    return found


def test_a_listed_address_has_its_codes_their_meaning_and_the_lists_words() -> None:
    entries = {**TESTED, "66.2.0.192": [{"A": "127.0.0.2"}, {"A": "127.0.0.6"}, {"TXT": "See list.example/66"}]}

    found = asked(entries)

    assert found == Listing(
        LIST, "listed", ("127.0.0.2", "127.0.0.6"), ("spam", "exploited"), "See list.example/66", found.ttl_s
    )


def test_bits_of_an_answer_each_mean_something() -> None:
    entries = {**TESTED, "66.2.0.192": [{"A": "127.0.0.10"}]}

    found = asked(entries, is_bitmask=True, codes={"2": "phishing", "4": "malware", "8": "abused"})

    assert found.meanings == ("phishing", "abused")


def test_an_address_that_is_not_there_is_clean_once_the_list_proved_itself() -> None:
    assert asked(TESTED, GOOD).state == "clean"


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ({}, "dead"),
        ({"2.0.0.127": [{"A": "203.0.113.9"}], "66.2.0.192": [{"A": "203.0.113.9"}]}, "dead"),
        ({**TESTED, "1.0.0.127": [{"A": "127.0.0.2"}], "66.2.0.192": [{"A": "127.0.0.2"}]}, "wildcard"),
        ({**TESTED, "66.2.0.192": [{"A": "127.255.255.254"}]}, "refused"),
        ({**TESTED, "66.2.0.192": [{"A": "127.255.255.200"}]}, "refused"),
        ({"2.0.0.127": [{"RCODE": 5}], "66.2.0.192": [{"A": "127.0.0.2"}]}, "refused"),
        ({**TESTED, "66.2.0.192": ["TIMEOUT"]}, "timed out"),
        ({"2.0.0.127": ["TIMEOUT"], "66.2.0.192": [{"A": "127.0.0.2"}]}, "timed out"),
        ({**TESTED, "66.2.0.192": [{"RCODE": 2}]}, "timed out"),
    ],
)
def test_a_list_that_fails_says_nothing_of_the_address(entries: Mapping[str, Sequence[Any]], state: str) -> None:
    assert asked(entries).state == state


def test_a_refusal_says_why() -> None:
    assert asked({**TESTED, "66.2.0.192": [{"A": "127.255.255.254"}]}).meanings == ("asked through a public resolver",)


def test_an_ipv6_address_is_asked_by_its_nibbles_with_test_points_of_its_family() -> None:
    name = "6.6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"

    assert asked({**TESTED6, name: [{"A": "127.0.0.2"}]}, BAD6, takes_ipv6=True).state == "listed"
    assert asked({**TESTED, name: [{"A": "127.0.0.2"}]}, BAD6, takes_ipv6=True).state == "dead"


def test_a_list_of_the_other_family_is_not_asked() -> None:
    with LoopbackServer({}) as server:
        assert asyncio.run(listings(server.resolver(), [Blocklist(LIST)], BAD6)) == ()


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        asyncio.run(listings(Resolver(), [Blocklist(LIST)], "mx1.example.net"))
