"""What is Linode's own: TTLs out of a list, fields of their own for services, domains that it only copies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.core.errors import OutcomeUnknown, RateLimited, Refused, Unauthorized
from backend.dnshosts.linode.driver import LinodeDns
from backend.dnshosts.linode.parsing import TTLS_S
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import same, text_value
from tests.backend.dnshosts.bind import ZONES
from tests.backend.dnshosts.conftest import brisk_linode, opened
from tests.backend.dnshosts.test_contract import change, goes_and_comes_back, live, named, of, put
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once

DOMAINS = "/v4/domains"
TOKEN = "linode_another_token"
MX = ("10 mx1.agency.example.", "20 mx2.agency.example.")


@pytest.fixture
def host(linode: Emulator) -> Iterator[LinodeDns]:
    yield from opened(brisk_linode, linode, linode.url)


@pytest.fixture
def zone(host: LinodeDns) -> Zone:
    return host.zone(ZONES[0])


def writes(emulator: Emulator) -> int:
    return sum(each["method"] != "GET" and each["status"] == 200 for each in emulator.log())


def test_a_token_that_may_not_see_domains_is_named(linode: Emulator) -> None:
    linode.set("tokens", token=TOKEN, scopes=["linodes:read_write"])
    for host in opened(brisk_linode, linode, linode.url, TOKEN):
        with pytest.raises(Unauthorized):
            host.verify()


def test_a_domain_that_is_disabled_is_told(linode: Emulator, host: LinodeDns) -> None:
    linode.set("zone", name="later.example", status="disabled")
    assert not host.zone("later.example").is_active
    assert [each.is_active for each in host.zones()].count(False) == 1


def test_a_domain_that_is_only_copied_is_refused(linode: Emulator, host: LinodeDns) -> None:
    linode.set("zone", name="copy.example", type="slave")
    copy = host.zone("copy.example")
    with pytest.raises(Refused, match=r"Linode only copies the zone copy\.example"):
        host.records(copy)


@pytest.mark.parametrize("usual_s", [0, 3600])
def test_a_ttl_of_the_domain_is_what_it_is_served_with(linode: Emulator, host: LinodeDns, usual_s: int) -> None:
    linode.set("zone", name="usual.example", ttl_sec=usual_s)
    zone = host.zone("usual.example")
    with linode.client() as other:
        body = {"type": "A", "name": "www", "target": "192.0.2.1", "ttl_sec": 0}
        assert other.post(f"{DOMAINS}/{zone.id}/records", json=body).status_code == 200

    assert [each.ttl_s for each in live(host, zone, "www", "A")] == [usual_s or 86_400]


@pytest.mark.parametrize("ttl_s", TTLS_S)
def test_each_ttl_of_the_list_is_kept(host: LinodeDns, zone: Zone, ttl_s: int) -> None:
    wanted = of(zone, "www", "A", "192.0.2.1", ttl_s=ttl_s)
    host.change(zone, [change(zone, "www", "A", (), wanted)])
    assert same(live(host, zone, "www", "A"), wanted)


def test_a_new_record_that_lost_its_ttl_is_given_it(linode: Emulator, host: LinodeDns, zone: Zone) -> None:
    linode.fault("changed", "POST", DOMAINS, changes={"ttl_sec": 0})
    put(host, zone, "www", "A", "192.0.2.1")
    assert writes(linode) == 2


@pytest.mark.parametrize(
    ("label", "kind", "value", "ttl_s", "words"),
    [
        ("www", "A", "192.0.2.1", 1800, r"a TTL of 1800 s \(only 30, 120, 300, 3600"),
        ("www", "A", "192.0.2.1", 29, "a TTL of less than 30 s"),
        ("", "MX", "256 mx.agency.example.", 300, "a priority of more than 255"),
        ("", "CAA", '128 issue "ca.example"', 300, "a CAA record with flags"),
        ("", "CAA", '0 issue ";"', 300, "a CAA record with parameters"),
        ("", "TXT", text_value("\xff"), 300, "a TXT record that is not UTF-8"),
        ("_imaps._tcp.sub", "SRV", "0 1 993 mx.agency.example.", 300, "a service at the name _imaps"),
        ("_imap._tcp", "SRV", "0 0 0 .", 300, "a service that is not offered"),
        ("_sip._tls", "SRV", "0 1 443 sip.agency.example.", 300, "a service at the name _sip"),
    ],
)
def test_what_the_service_does_not_take_is_not_sent(
    linode: Emulator, host: LinodeDns, zone: Zone, label: str, kind: str, value: str, ttl_s: int, words: str
) -> None:
    other = change(zone, "a", "A", (), of(zone, "a", "A", "192.0.2.1"))
    with pytest.raises(Refused, match=f"Linode does not take {words}"):
        host.change(zone, [other, change(zone, label, kind, (), of(zone, label, kind, value, ttl_s=ttl_s))])
    assert writes(linode) == 0


@pytest.mark.parametrize(
    ("label", "kind", "value"),
    [
        ("sub", "NS", "ns1.agency.example."),
        ("none", "MX", "0 ."),
        ("alias", "CNAME", "zone0.example."),
        ("_submissions._tcp", "SRV", "0 1 465 mx.agency.example."),
        ("quotes", "TXT", text_value('say "hello"; a \\ and\ta tab')),
        ("", "CAA", '0 iodef "mailto:security@agency.example"'),
    ],
)
def test_other_forms_go_and_come_back(host: LinodeDns, zone: Zone, label: str, kind: str, value: str) -> None:
    goes_and_comes_back(host, zone, label, kind, value)


@pytest.mark.parametrize("fault", ["500_after", "lost_answer", "close"])
def test_a_change_without_an_answer_goes_on_where_it_stands(
    linode: Emulator, host: LinodeDns, zone: Zone, fault: str
) -> None:
    wanted = of(zone, "", "MX", *MX)
    linode.fault(fault, "POST", DOMAINS, skip=1)

    with pytest.raises(OutcomeUnknown):
        host.change(zone, [change(zone, "", "MX", (), wanted)])
    host.change(zone, [change(zone, "", "MX", (), wanted)])

    assert same(live(host, zone, "", "MX"), wanted)
    assert len(live(host, zone, "", "MX")) == len(MX)


def test_the_service_asks_us_to_slow_down(linode: Emulator, host: LinodeDns, zone: Zone) -> None:
    linode.fault("429", "POST", DOMAINS, retry_after=77)
    with pytest.raises(RateLimited) as caught:
        host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])
    assert caught.value.retry_after_s == 77


def test_an_alias_goes_before_an_address_comes(host: LinodeDns, zone: Zone) -> None:
    before = put(host, zone, "www", "CNAME", "site.example.")
    after = of(zone, "www", "A", "192.0.2.1")

    host.change(zone, [change(zone, "www", "A", (), after), change(zone, "www", "CNAME", before, ())])

    assert [each.type for each in host.records(zone) if each.name == named(zone, "www")] == ["A"]
