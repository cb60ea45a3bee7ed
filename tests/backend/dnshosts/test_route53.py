"""What is Route 53's own: keys and their rights, its pace, whole batches or nothing, what it serves by rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backend.core.errors import (
    NotFound,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Unauthorized,
)
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import Record, record, same, text_value
from backend.dnshosts.route53 import parsing
from backend.dnshosts.route53.driver import Route53
from backend.dnshosts.route53.wire import BURST, PER_MINUTE
from tests.backend.dnshosts.amazon import batches, send, told, valued
from tests.backend.dnshosts.bind import ZONES
from tests.backend.dnshosts.conftest import opened_route53
from tests.backend.dnshosts.test_contract import change, live, named, of, put
from tests.ec2.keys import access_key
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once

LISTS = ("GET", "/2013-04-01/hostedzone")
TOKEN = access_key("another")


@pytest.fixture
def host(route53: Emulator) -> Iterator[Route53]:
    yield from opened_route53(route53)


@pytest.fixture
def zone(host: Route53) -> Zone:
    return host.zone(ZONES[0])


@pytest.fixture
def other(route53: Emulator) -> Iterator[Route53]:
    """The same account with another key; what it may, a test says by control ``tokens``."""
    yield from opened_route53(route53, TOKEN)


ALIAS = {"AliasTarget": {"HostedZoneId": "Z2", "DNSName": "cdn.example.", "EvaluateTargetHealth": False}}


def test_a_key_is_proved_by_whose_it_is(host: Route53) -> None:
    assert host.verify() == "arn:aws:iam::111122223333:user/mailyard"


def test_a_key_that_is_none_is_named(other: Route53) -> None:
    for call in (other.verify, other.zones):
        with pytest.raises(Unauthorized, match="Amazon Route 53 refused the token"):
            call()


def test_a_user_without_the_rights_is_told_which(route53: Emulator, other: Route53, zone: Zone) -> None:
    route53.set("tokens", token=TOKEN, denied=["route53:ListHostedZones"])
    with pytest.raises(Unauthorized, match="does not permit this") as caught:
        other.verify()
    assert "route53:ChangeResourceRecordSets" in caught.value.remedy

    route53.set("tokens", token=TOKEN, denied=["route53:ChangeResourceRecordSets"])
    with pytest.raises(Unauthorized, match="does not permit this"):
        other.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])
    assert live(other, zone, "www", "A") == ()


def test_all_zones_are_listed_but_those_of_inner_networks(route53: Emulator, host: Route53) -> None:
    """More than a page."""
    for number in range(100):
        route53.set("zone", name=f"client{number}.example.", private=number == 7)

    names = [each.name for each in host.zones()]

    assert len(names) == len(set(names)) == len(ZONES) + 99
    assert "client7.example" not in names
    with pytest.raises(NotFound, match="no zone client7"):
        host.zone("client7.example")


def test_a_zone_is_found_beside_a_private_one_of_its_name(route53: Emulator, host: Route53, zone: Zone) -> None:
    route53.set("zone", name=f"{ZONES[0]}.", private=True)
    assert host.zone(ZONES[0]) == zone


def test_of_two_zones_of_one_name_none_is_guessed(route53: Emulator, host: Route53, zone: Zone) -> None:
    """Both are told; a person can see from their name servers which of them is asked."""
    route53.set("zone", name=f"{ZONES[0]}.")

    with pytest.raises(Refused, match=r"has several zones zone0\.example") as caught:
        host.zone(ZONES[0])

    both = [each for each in host.zones() if each.name == ZONES[0]]
    assert zone.id in {each.id for each in both}
    assert all(each.id in caught.value.detail for each in both)
    assert zone.name_servers[0] in caught.value.detail
    assert "delegated" in caught.value.remedy


def test_a_zone_that_is_gone_is_not_found(host: Route53) -> None:
    with pytest.raises(NotFound, match="no longer has this zone"):
        host.records(Zone(ZONES[0], "Z0000000"))


def test_the_service_asks_us_to_slow_down(route53: Emulator, host: Route53, zone: Zone) -> None:
    route53.set("limits", per_second=0)
    with pytest.raises(RateLimited) as caught:
        host.records(zone)
    assert caught.value.retry_after_s


def test_we_never_call_more_often_than_an_account_may() -> None:
    assert BURST + PER_MINUTE / 60 <= 5


def test_a_service_that_is_busy_with_the_zone_is_asked_again(route53: Emulator, host: Route53, zone: Zone) -> None:
    wanted = [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))]
    route53.set("busy", times=1)

    with pytest.raises(ProviderUnavailable, match="busy with an earlier change") as caught:
        host.change(zone, wanted)
    assert caught.value.retryable
    host.change(zone, wanted)

    assert len(live(host, zone, "www", "A")) == 1


def test_a_failure_of_the_service_while_we_look(route53: Emulator, host: Route53, zone: Zone) -> None:
    route53.fault("500", *LISTS)
    with pytest.raises(ProviderUnavailable):
        host.records(zone)


def test_what_is_served_by_a_rule_is_told_to_nobody_and_changed_by_nobody(
    host: Route53, amazon: Any, zone: Zone
) -> None:
    """Aliases of Amazon's own, and sets of which a rule chooses one."""
    weighted = [{"SetIdentifier": each, "Weight": 1, **valued(f"192.0.2.{each}")} for each in "12"]
    sets = {
        "cdn": [ALIAS],
        "shop": weighted,
        "many": [{"SetIdentifier": "1", "MultiValueAnswer": True, **valued("192.0.2.3")}],
    }
    for label, each in sets.items():
        for one in each:
            send(amazon, zone, ("CREATE", {"Name": named(zone, label), "Type": "A", **one}))
    plain = put(host, zone, "shop", "TXT", text_value("mine"))
    before = told(amazon, zone)

    assert {each.type for each in host.records(zone)} == {"NS", "TXT"}
    for label in sets:
        with pytest.raises(Refused, match="records here that Mailyard cannot read"):
            host.change(zone, [change(zone, label, "A", (), of(zone, label, "A", "192.0.2.3"))])
    host.change(zone, [change(zone, "shop", "TXT", plain, ())])

    assert told(amazon, zone) == {key: each for key, each in before.items() if key[1] != "TXT"}


def test_sets_of_one_name_and_type_may_stand_on_two_pages(
    host: Route53, amazon: Any, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.dnshosts.route53.wire.SETS_PAGE", "2")
    for each in "12345":
        one = {"SetIdentifier": each, "Weight": 1, **valued(f"192.0.2.{each}")}
        send(amazon, zone, ("CREATE", {"Name": named(zone, "shop"), "Type": "A", **one}))
    wanted = put(host, zone, "www", "A", "192.0.2.1")

    assert same(live(host, zone, "www", "A"), wanted)
    assert live(host, zone, "shop", "A") == ()


def test_names_and_texts_are_told_with_octal_escapes(host: Route53, amazon: Any, zone: Zone) -> None:
    put(host, zone, "*", "TXT", text_value('Grüße "\\"'.encode().decode("latin-1")))
    put(host, zone, "a@b", "MX", "10 mx.example.")

    found = told(amazon, zone)

    assert found["\\052.zone0.example.", "TXT"]["ResourceRecords"] == [
        {"Value": '"Gr\\303\\274\\303\\237e \\"\\\\\\""'}
    ]
    assert ("a\\100b.zone0.example.", "MX") in found
    assert live(host, zone, "a@b", "MX")


def test_a_name_that_has_no_form_here_stays_as_it_is(host: Route53, amazon: Any, zone: Zone) -> None:
    """An octet that is no character, and a dot that parts nothing."""
    for name in ("f\\374bar", "a\\056b"):
        send(amazon, zone, ("CREATE", {"Name": f"{name}.zone0.example.", "Type": "A", **valued("192.0.2.1")}))

    assert {each.type for each in host.records(zone)} == {"NS"}
    with pytest.raises(Refused, match="no name of the DNS"):
        host.change(zone, [change(zone, "fübar", "A", (), of(zone, "fübar", "A", "192.0.2.1"))])


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("TXT", text_value("x" * 4_000), "does not take a record of more than 4000 characters"),
        ("LOC", "1 0 0 N 1 0 0 E 0m", "makes no records of type LOC at Amazon Route 53"),
    ],
)
def test_what_the_service_does_not_take_is_not_sent(
    route53: Emulator, host: Route53, zone: Zone, kind: str, value: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        host.change(zone, [change(zone, "www", kind, (), of(zone, "www", kind, value))])
    assert batches(route53) == 0


def test_a_set_has_one_ttl(route53: Emulator, host: Route53, zone: Zone) -> None:
    mixed = (*of(zone, "www", "A", "192.0.2.1"), *of(zone, "www", "A", "192.0.2.2", ttl_s=60))
    with pytest.raises(Refused, match="one name and type have one TTL"):
        host.change(zone, [change(zone, "www", "A", (), mixed)])
    assert batches(route53) == 0


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("TLSA", "3 1 1 " + "ab" * 32),
        ("SSHFP", "4 2 " + "cd" * 32),
        ("DS", "12345 13 2 " + "ef" * 32),
        ("NS", "ns1.agency.example."),
        ("MX", "0 ."),
        ("CAA", '0 iodef "mailto:security@agency.example"'),
        ("HTTPS", "1 . alpn=h2"),
        ("NAPTR", '10 10 "u" "E2U+sip" "!^.*$!sip:a@agency.example!" .'),
        ("TXT", '""'),
    ],
)
def test_other_types_go_and_come_back(host: Route53, zone: Zone, kind: str, value: str) -> None:
    wanted = put(host, zone, "sub", kind, value)
    assert same(wanted, of(zone, "sub", kind, value))
    gone = change(zone, "sub", kind, wanted, ())

    host.change(zone, [gone])
    host.change(zone, [gone.inverse])

    assert same(live(host, zone, "sub", kind), wanted)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (r'"a \"quoted\" \\ \195\188 \009"', r'"a \"quoted\" \\ \303\274 \011"'),
        (r'"not \\101 octal"', r'"not \\101 octal"'),
        (r"10 a\.b.example.", r"10 a\056b.example."),
    ],
)
def test_escapes_of_values_are_written_anew(ours: str, theirs: str) -> None:
    kind = "TXT" if ours.startswith('"') else "MX"
    made: Record = record("zone0.example", kind, 60, ours)

    assert parsing.value_to_tell(made.value) == theirs
    assert record("zone0.example", kind, 60, parsing.value_told(theirs)) == made
