"""Where mail goes, and whether an address's name leads back to it, over a name server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from backend.authrecords.exchangers import Exchanger, Exchangers, evaluate_mx
from backend.authrecords.reverse import ReverseVerdict, evaluate_reverse
from backend.core.resolver import ResolverError
from tests.backend.authrecords.name_server import LoopbackServer

DOMAIN, ADDRESS = "client.example", "192.0.2.1"
PTR = "1.2.0.192.in-addr.arpa"
Zone = Mapping[str, Sequence[Any]]


def mx(zone: Zone) -> Exchangers:
    with LoopbackServer(zone) as server:
        return asyncio.run(evaluate_mx(server.resolver(), DOMAIN))


def reverse(zone: Zone, address: str = ADDRESS) -> ReverseVerdict:
    with LoopbackServer(zone) as server:
        return asyncio.run(evaluate_reverse(server.resolver(), address))


def rules(found: Exchangers) -> list[tuple[str, str]]:
    return [(each.severity, each.rule) for each in found.problems]


def test_hosts_come_in_the_order_in_which_they_are_tried() -> None:
    found = mx(
        {
            DOMAIN: [{"MX": [20, "mx2.agency.example"]}, {"MX": [10, "MX1.agency.example"]}],
            "mx1.agency.example": [{"A": "192.0.2.1"}, {"AAAA": "2001:db8::1"}],
            "mx2.agency.example": [{"A": "192.0.2.2"}],
        }
    )

    assert found.hosts == (
        Exchanger(10, "mx1.agency.example", ("192.0.2.1", "2001:db8::1")),
        Exchanger(20, "mx2.agency.example", ("192.0.2.2",)),
    )
    assert (found.is_null, found.is_implicit, found.problems) == (False, False, ())


def test_a_null_mx_takes_no_mail_and_that_is_no_problem() -> None:
    assert mx({DOMAIN: [{"MX": [0, ""]}]}) == Exchangers(is_null=True)


def test_a_null_mx_beside_another_is_one() -> None:
    found = mx({DOMAIN: [{"MX": [0, ""]}, {"MX": [10, "mx1.agency.example"]}], "mx1.agency.example": [{"A": ADDRESS}]})

    assert ("error", "RFC 7505 3") in rules(found)


def test_without_mx_the_domain_itself_counts() -> None:
    found = mx({DOMAIN: [{"A": ADDRESS}]})

    assert (found.is_implicit, [each.addresses for each in found.hosts]) == (True, [(ADDRESS,)])
    assert rules(found) == [("warning", "RFC 5321 5.1")]


@pytest.mark.parametrize(
    ("zone", "problem"),
    [
        ({DOMAIN: [{"TXT": "nothing"}]}, ("error", "RFC 5321 5.1")),
        ({DOMAIN: [{"MX": [10, "gone.example"]}]}, ("error", "RFC 5321 5.1")),
        ({DOMAIN: [{"MX": [10, ADDRESS]}]}, ("error", "RFC 1035 3.3.9")),
        (
            {DOMAIN: [{"MX": [10, "a.example"]}], "a.example": [{"CNAME": "b.example"}], "b.example": [{"A": ADDRESS}]},
            ("warning", "RFC 2181 10.3"),
        ),
    ],
)
def test_what_keeps_mail_away_is_named(zone: Zone, problem: tuple[str, str]) -> None:
    assert rules(mx(zone)) == [problem]


def test_a_host_whose_address_nobody_tells_is_unknown_and_not_absent() -> None:
    found = mx({DOMAIN: [{"MX": [10, "mx1.agency.example"]}], "mx1.agency.example": ["TIMEOUT"]})

    assert (found.hosts[0].unknown, found.problems) == (True, ())


def test_a_dns_that_fails_says_nothing_of_the_domain() -> None:
    with pytest.raises(ResolverError):
        mx({DOMAIN: ["TIMEOUT"]})


def test_a_name_that_leads_back_is_confirmed() -> None:
    zone = {PTR: [{"PTR": "Mx1.agency.example"}, {"PTR": "other.example"}], "mx1.agency.example": [{"A": ADDRESS}]}

    found = reverse(zone)

    assert (found.result, set(found.names)) == ("pass", {"mx1.agency.example", "other.example"})
    assert found.confirmed == ("mx1.agency.example",)


def test_an_ipv6_address_is_asked_by_its_nibbles() -> None:
    pointer = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
    zone = {pointer: [{"PTR": "mx1.agency.example"}], "mx1.agency.example": [{"AAAA": "2001:db8::1"}]}

    assert reverse(zone, "2001:db8::1").result == "pass"


@pytest.mark.parametrize(
    ("zone", "result"),
    [
        ({}, "fail"),
        ({PTR: [{"PTR": "mx1.agency.example"}], "mx1.agency.example": [{"A": "192.0.2.9"}]}, "fail"),
        ({PTR: [{"PTR": "mx1.agency.example"}]}, "fail"),
        ({PTR: ["TIMEOUT"]}, "temperror"),
        ({PTR: [{"PTR": "mx1.agency.example"}], "mx1.agency.example": ["TIMEOUT"]}, "temperror"),
    ],
)
def test_what_does_not_lead_back_is_told_from_what_is_not_known(zone: Zone, result: str) -> None:
    assert reverse(zone).result == result
