"""What is Vultr's own: one call for each record, texts in one pair of quotes, names within the zone, its pace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backend.core.errors import BadResponse, NotFound, OutcomeUnknown, RateLimited, Refused, Unauthorized
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import ZoneMoved, same, text_value
from backend.dnshosts.vultr.driver import VultrDns
from tests.backend.dnshosts.bind import ZONES
from tests.backend.dnshosts.conftest import brisk_vultr, opened
from tests.backend.dnshosts.test_contract import change, live, named, of, put
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once

WRITING = ("POST", "/v2/domains")
RECORDS = f"/v2/domains/{ZONES[0]}/records"
TOKEN = "vultr_another_token_0123456789"


@pytest.fixture
def host(vultr: Emulator) -> Iterator[VultrDns]:
    yield from opened(brisk_vultr, vultr, vultr.url)


@pytest.fixture
def zone(host: VultrDns) -> Zone:
    return host.zone(ZONES[0])


def told(vultr: Emulator) -> list[dict[str, Any]]:
    with vultr.client() as client:
        found: list[dict[str, Any]] = client.get(RECORDS).json()["records"]
    return found


def writes(vultr: Emulator) -> list[str]:
    return [each["method"] for each in vultr.log() if "/records" in each["path"] and each["method"] != "GET"]


def test_a_wrong_token_and_one_that_may_only_read_are_named(vultr: Emulator, zone: Zone) -> None:
    for other in opened(brisk_vultr, vultr, vultr.url, TOKEN):
        with pytest.raises(Unauthorized, match="Vultr refused the token"):
            other.verify()
        vultr.set("tokens", token=TOKEN, scopes=["read"])
        assert other.verify() == "Agency operations"
        with pytest.raises(Unauthorized, match="does not permit this"):
            other.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])


def test_zones_on_several_pages_are_all_listed_and_cursors_in_a_circle_end(vultr: Emulator, host: VultrDns) -> None:
    for number in range(600):
        vultr.set("zone", name=f"client{number}.example")
    assert len(host.zones()) == len(ZONES) + 600

    vultr.fault("changed", "GET", "/v2/domains", times=9, changes={"meta.links.next": "bmV4dF9fMQ=="})
    with pytest.raises(BadResponse):
        host.zones()


def test_a_zone_that_is_gone_meanwhile_is_told(vultr: Emulator, host: VultrDns) -> None:
    with pytest.raises(NotFound):
        host.records(Zone("gone.example", "gone.example"))


def test_the_service_asks_us_to_slow_down(vultr: Emulator, host: VultrDns, zone: Zone) -> None:
    vultr.fault("429", *WRITING, retry_after=77)
    with pytest.raises(RateLimited) as caught:
        host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])
    assert caught.value.retry_after_s == 77


@pytest.mark.parametrize("fault", ["500", "500_after", "lost_answer", "close"])
@pytest.mark.parametrize(("method", "skip"), [("POST", 0), ("POST", 1), ("DELETE", 0)])
def test_a_change_without_an_answer_can_be_made_again(
    vultr: Emulator, host: VultrDns, zone: Zone, method: str, skip: int, fault: str
) -> None:
    """Wherever it stopped, no value is there twice afterwards."""
    before = put(host, zone, "", "MX", "5 old.example.")
    wanted = of(zone, "", "MX", "10 mx1.agency.example.", "20 mx2.agency.example.")
    vultr.fault(fault, method, RECORDS, skip=skip)

    with pytest.raises(OutcomeUnknown):
        host.change(zone, [change(zone, "", "MX", before, wanted)])
    host.change(zone, [change(zone, "", "MX", before, wanted)])

    assert same(live(host, zone, "", "MX"), wanted)
    assert len(told(vultr)) == len(wanted)


def test_a_record_that_stays_is_not_touched_and_the_only_one_keeps_its_number(
    vultr: Emulator, host: VultrDns, zone: Zone
) -> None:
    put(host, zone, "www", "A", "192.0.2.1")
    (first,) = told(vultr)
    before = live(host, zone, "www", "A")

    host.change(zone, [change(zone, "www", "A", before, of(zone, "www", "A", "192.0.2.2"))])
    (second,) = told(vultr)
    put(host, zone, "www", "A", "192.0.2.2", "192.0.2.3")

    assert (second["id"], second["data"]) == (first["id"], "192.0.2.2")
    assert second in told(vultr)
    assert writes(vultr) == ["POST", "PATCH", "POST"]


def test_what_is_told_to_the_service(vultr: Emulator, host: VultrDns, zone: Zone) -> None:
    put(host, zone, "", "MX", "10 mx1.agency.example.")
    put(host, zone, "_imaps._tcp", "SRV", "0 1 993 mx1.agency.example.")
    put(host, zone, "_pop3._tcp", "SRV", "0 0 0 .")
    put(host, zone, "", "TXT", text_value(("Grüße \\ " + "x" * 300).encode().decode("latin-1")))
    put(host, zone, "mx1", "SSHFP", "4 2 " + "cd" * 32)

    found = {(each["name"], each["type"]): (each["priority"], each["data"]) for each in told(vultr)}

    assert found["", "MX"] == (10, "mx1.agency.example")
    assert found["_imaps._tcp", "SRV"] == (0, "1 993 mx1.agency.example")
    assert found["_pop3._tcp", "SRV"] == (0, "0 0 .")
    assert found["", "TXT"][1] == '"Grüße ' + "\\ " + "x" * 300 + '"'
    assert [each.value for each in live(host, zone, "mx1", "SSHFP")] == ["4 2 " + "cd" * 32]


def test_a_name_that_is_told_whole_is_the_same_name(vultr: Emulator, host: VultrDns, zone: Zone) -> None:
    """The official document has them so in lists."""
    put(host, zone, "www", "A", "192.0.2.1")
    vultr.fault("changed", "GET", RECORDS, changes={"records.0.name": named(zone, "www")})
    assert [each.value for each in live(host, zone, "www", "A")] == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("MX", "0 .", "does not take an MX record that says"),
        ("TXT", text_value('a "quoted" word'), "does not take a TXT record with the character"),
        ("CAA", '0 issue "letsencrypt.org; validationmethods=dns-01"', "does not take a CAA record"),
        ("TLSA", "3 1 1 " + "ab" * 32, "makes no records of type TLSA at Vultr"),
    ],
)
def test_what_the_service_does_not_take_is_not_sent(
    vultr: Emulator, host: VultrDns, zone: Zone, kind: str, value: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        host.change(zone, [change(zone, "a", kind, (), of(zone, "a", kind, value))])
    assert writes(vultr) == []


def test_a_record_that_goes_between_look_and_change_is_noticed(
    host: VultrDns, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = put(host, zone, "www", "A", "192.0.2.1", "192.0.2.2")
    replace = host.replace

    def overtaken(*order: Any) -> None:
        monkeypatch.undo()
        for each in seen:
            host.remove(zone, each)
        replace(*order)

    monkeypatch.setattr(host, "replace", overtaken)
    with pytest.raises(ZoneMoved):
        host.change(zone, [change(zone, "www", "A", seen, of(zone, "www", "A", "192.0.2.1", "192.0.2.2", ttl_s=300))])
