"""What is DigitalOcean's own: one call for each record, and what stands where one of them had no answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.core.errors import NotFound, OutcomeUnknown, RateLimited, Refused, Unauthorized
from backend.dnshosts.digitalocean.driver import DigitalOceanDns
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import Record, ZoneMoved, same, text_value
from tests.backend.dnshosts.bind import ZONES
from tests.backend.dnshosts.conftest import brisk_digitalocean, opened
from tests.backend.dnshosts.test_contract import change, goes_and_comes_back, live, named, of, put
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once

RECORDS = "/v2/domains"
TOKEN = "dop_v1_another"
MX = ("10 mx1.agency.example.", "20 mx2.agency.example.")
OLD = ("5 a.old.example.", "6 b.old.example.", "7 c.old.example.")


@pytest.fixture
def host(digitalocean: Emulator) -> Iterator[DigitalOceanDns]:
    yield from opened(brisk_digitalocean, digitalocean, digitalocean.url)


@pytest.fixture
def zone(host: DigitalOceanDns) -> Zone:
    return host.zone(ZONES[0])


def calls(emulator: Emulator) -> list[str]:
    """The writing calls that the service carried out, in their order."""
    return [each["method"] for each in emulator.log() if each["method"] != "GET" and each["status"] < 300]


def test_a_wrong_token_is_named(digitalocean: Emulator) -> None:
    for host in opened(brisk_digitalocean, digitalocean, digitalocean.url, TOKEN):
        with pytest.raises(Unauthorized):
            host.verify()


def test_a_token_for_domains_alone_is_proved_by_its_zones(digitalocean: Emulator) -> None:
    digitalocean.set("tokens", token=TOKEN, scopes=["domain:read"])
    for host in opened(brisk_digitalocean, digitalocean, digitalocean.url, TOKEN):
        assert host.verify() == "DigitalOcean"


def test_a_zone_of_another_account_is_named(host: DigitalOceanDns) -> None:
    with pytest.raises(NotFound, match=r"DigitalOcean has no zone not-there\.example"):
        host.zone("not-there.example")


@pytest.mark.parametrize("fault", ["500", "500_after", "lost_answer", "close"])
@pytest.mark.parametrize("skip", range(5))
def test_a_change_without_an_answer_goes_on_where_it_stands(
    digitalocean: Emulator, host: DigitalOceanDns, zone: Zone, fault: str, skip: int
) -> None:
    """Whichever call of the set has none; and no record is made twice."""
    before = put(host, zone, "", "MX", *OLD)
    wanted = of(zone, "", "MX", *MX)
    done = len(calls(digitalocean))
    digitalocean.fault(fault, ("POST", "DELETE")[skip > 1], RECORDS, skip=skip if skip < 2 else skip - 2)

    with pytest.raises(OutcomeUnknown):
        host.change(zone, [change(zone, "", "MX", before, wanted)])
    host.change(zone, [change(zone, "", "MX", before, wanted)])

    assert same(live(host, zone, "", "MX"), wanted)
    assert len(calls(digitalocean)) - done <= 6


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("skip", range(2))
def test_a_change_that_stopped_half_way_is_taken_back(
    digitalocean: Emulator, host: DigitalOceanDns, zone: Zone, method: str, skip: int
) -> None:
    """And so is one whose way back stopped too."""
    before = put(host, zone, "", "MX", *OLD)
    there = change(zone, "", "MX", before, of(zone, "", "MX", *MX))
    for each, call in ((there, method), (there.inverse, "DELETE")):
        digitalocean.fault("lost_answer", call, RECORDS, skip=skip if each is there else 0)
        with pytest.raises(OutcomeUnknown):
            host.change(zone, [each])

    host.change(zone, [there.inverse])

    assert same(live(host, zone, "", "MX"), before)


def test_new_records_come_before_old_ones_go(digitalocean: Emulator, host: DigitalOceanDns, zone: Zone) -> None:
    before = put(host, zone, "", "MX", *OLD)
    host.change(zone, [change(zone, "", "MX", before, of(zone, "", "MX", *MX))])
    assert calls(digitalocean)[-5:] == ["POST", "POST", "DELETE", "DELETE", "DELETE"]


def test_a_set_that_stands_nowhere_on_the_way_is_somebody_elses(host: DigitalOceanDns, zone: Zone) -> None:
    """An old record is gone before the new ones came: this was not us."""
    before = put(host, zone, "", "MX", *OLD)
    now = put(host, zone, "", "MX", *OLD[1:])

    with pytest.raises(ZoneMoved):
        host.change(zone, [change(zone, "", "MX", before, of(zone, "", "MX", *MX))])

    assert same(live(host, zone, "", "MX"), now)


def test_a_record_that_goes_between_look_and_change_is_noticed(
    digitalocean: Emulator, host: DigitalOceanDns, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = put(host, zone, "www", "A", "192.0.2.1")
    replaced = host.replace

    def later(zone: Zone, old: Record, new: Record) -> None:
        with digitalocean.client() as other:
            assert other.delete(f"/v2/domains/{zone.id}/records/{old.key}").status_code == 204
        replaced(zone, old, new)

    monkeypatch.setattr(host, "replace", later)

    with pytest.raises(ZoneMoved):
        host.change(zone, [change(zone, "www", "A", seen, of(zone, "www", "A", "192.0.2.2"))])

    assert live(host, zone, "www", "A") == ()


def test_the_service_asks_us_to_slow_down(digitalocean: Emulator, host: DigitalOceanDns, zone: Zone) -> None:
    digitalocean.fault("429", "POST", RECORDS, retry_after=77)
    with pytest.raises(RateLimited) as caught:
        host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])
    assert caught.value.retry_after_s == 77


@pytest.mark.parametrize(
    ("kind", "value", "ttl_s", "words"),
    [
        ("A", "192.0.2.1", 29, "a TTL of less than 30 s"),
        ("MX", "0 .", 300, "an MX record that says that the domain takes no mail"),
        ("TXT", text_value("x" * 506), 300, "a record of more than 509 characters"),
        ("TXT", text_value("a\\b"), 300, "a TXT record with the character"),
        ("TXT", text_value("\xff"), 300, "a TXT record that is not UTF-8"),
        ("TXT", '""', 300, "an empty TXT record"),
        ("CAA", '0 issue "ca.example; accounturi=1"', 300, "a CAA record with parameters"),
        ("CAA", '0 issue ";"', 300, "a CAA record with parameters"),
    ],
)
def test_what_the_service_does_not_take_is_not_sent(
    digitalocean: Emulator, host: DigitalOceanDns, zone: Zone, kind: str, value: str, ttl_s: int, words: str
) -> None:
    with pytest.raises(Refused, match=f"DigitalOcean does not take {words}"):
        host.change(zone, [change(zone, "www", kind, (), of(zone, "www", kind, value, ttl_s=ttl_s))])
    assert calls(digitalocean) == []


@pytest.mark.parametrize(
    ("label", "kind", "value"),
    [
        ("sub", "NS", "ns1.agency.example."),
        ("alias", "CNAME", "zone0.example."),
        ("none", "SRV", "0 0 0 ."),
        ("quotes", "TXT", text_value('say "hello"; and\ta tab')),
        ("long", "TXT", text_value("x" * 504)),
        ("", "CAA", '0 iodef "mailto:security@agency.example"'),
        ("", "CAA", '128 issuewild "ca.example"'),
    ],
)
def test_other_forms_go_and_come_back(host: DigitalOceanDns, zone: Zone, label: str, kind: str, value: str) -> None:
    goes_and_comes_back(host, zone, label, kind, value)


def test_a_type_that_could_not_come_back_is_not_taken_away(host: DigitalOceanDns, zone: Zone) -> None:
    wanted = of(zone, "_25._tcp", "TLSA", "3 1 1 " + "ab" * 32)
    with pytest.raises(Refused, match="makes no records of type TLSA at DigitalOcean"):
        host.change(zone, [change(zone, "_25._tcp", "TLSA", (), wanted)])
    assert live(host, zone, "_25._tcp", "TLSA") == ()


def test_an_alias_goes_before_an_address_comes(host: DigitalOceanDns, zone: Zone) -> None:
    before = put(host, zone, "www", "CNAME", "site.example.")
    after = of(zone, "www", "A", "192.0.2.1")

    host.change(zone, [change(zone, "www", "A", (), after), change(zone, "www", "CNAME", before, ())])

    assert [each.type for each in host.records(zone) if each.name == named(zone, "www")] == ["A"]
