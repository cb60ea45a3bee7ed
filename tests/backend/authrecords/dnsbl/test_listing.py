"""Blocklists that work, refuse, died, list everything or keep silent, asked over a name server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address
from typing import Any

import pytest

from backend.authrecords.dnsbl.listing import Blocklist, Listing, listings
from backend.authrecords.dnsbl.subject import query_name, subject_of
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
        ({**TESTED, "66.2.0.192": ["TIMEOUT"]}, "timed_out"),
        ({"2.0.0.127": ["TIMEOUT"], "66.2.0.192": [{"A": "127.0.0.2"}]}, "timed_out"),
        ({**TESTED, "66.2.0.192": [{"RCODE": 2}]}, "timed_out"),
        ({**TESTED, "66.2.0.192": [{"A": "127.0.0.1"}]}, "dead"),
        ({**TESTED, "66.2.0.192": [{"A": "192.0.2.80"}, {"A": "127.0.0.2"}]}, "dead"),
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
    with pytest.raises(ValueError, match="neither an address nor a domain"):
        asyncio.run(listings(Resolver(), [Blocklist(LIST)], "mx 1"))


@pytest.mark.parametrize(
    ("entries", "settings", "state"),
    [
        ({"test": [{"A": "127.0.0.2"}], "bad.example.net": [{"A": "127.0.0.2"}]}, {}, "listed"),
        ({"test": [{"A": "127.0.0.2"}]}, {}, "clean"),
        ({"bad.example.net": [{"A": "127.0.0.2"}]}, {}, "dead"),
        ({"points.example": [{"A": "127.0.0.2"}]}, {"test_points": ["points.example"]}, "clean"),
        ({"test": [{"A": "127.0.0.2"}], "invalid": [{"A": "127.0.0.2"}]}, {}, "wildcard"),
        ({"test": [{"A": "127.0.0.4"}], "bad.example.net": [{"A": "127.0.0.1"}]}, {}, "refused"),
        ({"test": [{"A": "127.0.0.4"}], "bad.example.net": [{"A": "127.0.0.5"}]}, {}, "refused"),
    ],
)
def test_a_list_of_domains_proves_itself_by_the_names_of_the_rfc(
    entries: Mapping[str, Sequence[Any]], settings: Mapping[str, Any], state: str
) -> None:
    bits = {"is_bitmask": True, "codes": {"2": "spam", "4": "grey"}, "refusals": {"127.0.0.1": "blocked"}}

    assert asked(entries, "Bad.Example.net.", of="domains", **bits, **settings).state == state


def test_a_welcome_is_no_listing() -> None:
    entries = {**TESTED, "66.2.0.192": [{"A": "127.0.0.3"}]}

    assert asked(entries, codes={"127.0.0.3": "trusted"}, harmless=["127.0.0.3"]).state == "clean"
    assert asked({**TESTED, "66.2.0.192": [{"A": "127.0.0.3"}, {"A": "127.0.0.2"}]}, harmless=["127.0.0.3"]).state == (
        "listed"
    )


SUBJECTS = {
    "192.0.2.1 ": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "2001:DB8::1": "2001:db8::1",
    "B\u00fccher.Example.": "xn--bcher-kva.example",
    "_dmarc.example.com": "_dmarc.example.com",
}


@pytest.mark.parametrize(("text", "plain"), SUBJECTS.items())
def test_a_subject_is_read_as_the_dns_has_it(text: str, plain: str) -> None:
    assert str(subject_of(text)) == plain


@pytest.mark.parametrize(
    "text",
    ["", " ", "mx", "192.0.2", "192.0.2.256", "fe80::1%eth0", "a..example", "a b.example", "x" * 64 + ".example"],
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither an address nor a domain|of one network only"):
        subject_of(text)


def test_a_domain_too_long_to_be_listed_is_clean() -> None:
    long = ".".join(["x" * 60] * 4)

    assert asked({"test": [{"A": "127.0.0.2"}]}, long, of="domains").state == "clean"
