"""What is Hetzner's own: whole sets, actions, modes, protection, the zone's TTL, comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backend.core.errors import OutcomeUnknown, ProviderRefused, ProviderUnavailable, RateLimited, Refused, Unauthorized
from backend.core.secrets.values import Secret
from backend.dnshosts.hetzner.driver import Hetzner
from backend.dnshosts.hetzner.wire import PATIENCE_S
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import ZoneMoved, same
from tests.backend.dnshosts.bind import ZONES
from tests.backend.dnshosts.conftest import brisk_hetzner, opened
from tests.backend.dnshosts.test_contract import change, live, of, put
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once

WRITING = ("POST", "/v1/zones")
TOKEN = "hz_another_token_0123456789"


@pytest.fixture
def host(hetzner: Emulator) -> Iterator[Hetzner]:
    yield from opened(brisk_hetzner, hetzner, hetzner.url)


@pytest.fixture
def zone(host: Hetzner) -> Zone:
    return host.zone(ZONES[0])


def made(host: Hetzner, zone: Zone, **body: Any) -> None:
    """A set that somebody else made."""
    host._wire.order("POST", f"/v1/zones/{zone.id}/rrsets", body)


def told(hetzner: Emulator, zone: Zone, path: str) -> dict[str, Any]:
    with hetzner.client() as client:
        found: dict[str, Any] = client.get(f"/v1/zones/{zone.id}/rrsets/{path}").json()["rrset"]
    return found


def test_a_wrong_token_and_one_that_may_only_read_are_named(hetzner: Emulator, zone: Zone) -> None:
    for other in opened(brisk_hetzner, hetzner, hetzner.url, TOKEN):
        with pytest.raises(Unauthorized, match="Hetzner refused the token"):
            other.verify()
        hetzner.set("tokens", token=TOKEN, reads=True)
        with pytest.raises(Unauthorized, match="does not permit this"):
            other.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])


def test_all_zones_are_listed_and_those_that_are_not_served_are_told(hetzner: Emulator, host: Hetzner) -> None:
    for number in range(60):
        hetzner.set("zone", name=f"client{number}.example", delegation_status="invalid")
    hetzner.set("zone", name="new.example", delegation_status="unknown")
    hetzner.set("zone", name="broken.example", status="error")

    zones = {each.name: each.is_active for each in host.zones()}

    assert len(zones) == len(ZONES) + 62
    assert (zones["client59.example"], zones["new.example"], zones["broken.example"]) == (False, True, False)


def test_a_zone_that_is_only_copied_is_refused_with_the_way_out(hetzner: Emulator, host: Hetzner) -> None:
    hetzner.set("zone", name="copy.example", mode="secondary")
    copy = host.zone("copy.example")
    with pytest.raises(Refused, match=r"only copies the zone copy\.example"):
        host.records(copy)


def test_the_service_asks_us_to_slow_down(hetzner: Emulator, host: Hetzner, zone: Zone) -> None:
    """It names no pause, so ours is a minute."""
    hetzner.fault("429", *WRITING)
    with pytest.raises(RateLimited) as caught:
        host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])
    assert caught.value.retry_after_s == 60


@pytest.mark.parametrize("fault", ["500", "500_after", "lost_answer", "malformed"])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_change_without_an_answer_can_be_made_again(
    hetzner: Emulator, host: Hetzner, zone: Zone, fault: str, skip: int
) -> None:
    """Also one that stopped between its TTL and its records."""
    before = put(host, zone, "", "MX", "5 old.example.")
    wanted = of(zone, "", "MX", "10 mx1.agency.example.", "20 mx2.agency.example.", ttl_s=300)
    hetzner.fault(fault, *WRITING, skip=skip)

    with pytest.raises(OutcomeUnknown):
        host.change(zone, [change(zone, "", "MX", before, wanted)])
    _when_free(host, zone, before, wanted)

    assert same(live(host, zone, "", "MX"), wanted)


def _when_free(host: Hetzner, zone: Zone, before: Any, wanted: Any) -> None:
    """Again, as the job does: an action whose answer was lost may still hold the zone."""
    while True:
        try:
            host.change(zone, [change(zone, "", "MX", before, wanted)])
        except ProviderUnavailable:
            continue
        return


def test_an_action_that_fails_is_no_success(hetzner: Emulator, host: Hetzner, zone: Zone) -> None:
    hetzner.set("errored", type="create_rrset")
    with pytest.raises(ProviderRefused, match="Action failed"):
        host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])
    assert live(host, zone, "www", "A") == ()


def test_an_action_without_an_end_is_left_open_and_holds_the_zone(hetzner: Emulator, zone: Zone) -> None:
    waited: list[float] = []
    hetzner.set("hold")
    host = Hetzner(Secret(hetzner.token), endpoint_url=hetzner.url, pause=waited.append)
    wanted = change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))

    with pytest.raises(OutcomeUnknown, match="has not finished the change yet"):
        host.change(zone, [wanted])
    with pytest.raises(ProviderUnavailable, match="still busy with this zone"):
        host.change(zone, [change(zone, "a", "A", (), of(zone, "a", "A", "192.0.2.1"))])

    assert PATIENCE_S <= sum(waited) < PATIENCE_S * 2
    hetzner.set("go_on")
    host.change(zone, [wanted])
    assert same(live(host, zone, "www", "A"), wanted.after)
    host.close()


def test_a_set_without_a_ttl_has_that_of_its_zone_and_keeps_none(hetzner: Emulator, host: Hetzner) -> None:
    hetzner.set("zone", name="slow.example", ttl=7200)
    slow = host.zone("slow.example")
    made(host, slow, name="www", type="A", records=[{"value": "192.0.2.1"}])
    before = live(host, slow, "www", "A")
    assert [each.ttl_s for each in before] == [7200]

    host.change(slow, [change(slow, "www", "A", before, of(slow, "www", "A", "192.0.2.2", ttl_s=7200))])

    assert told(hetzner, slow, "www/A")["ttl"] is None


def test_what_others_noted_and_how_they_cut_survives_beside_a_new_value(
    hetzner: Emulator, host: Hetzner, zone: Zone
) -> None:
    note = {"value": '"cut" " by hand"', "comment": "do not touch"}
    made(host, zone, name="@", type="TXT", ttl=3600, records=[note])
    before = live(host, zone, "", "TXT")

    host.change(zone, [change(zone, "", "TXT", before, (*before, *of(zone, "", "TXT", '"new"')))])

    assert note in told(hetzner, zone, "@/TXT")["records"]


def test_names_within_the_zone_are_told_whole(hetzner: Emulator, host: Hetzner, zone: Zone) -> None:
    made(host, zone, name="www", type="CNAME", ttl=300, records=[{"value": "web"}])
    made(host, zone, name="@", type="MX", ttl=300, records=[{"value": "0 ."}])
    assert [each.value for each in live(host, zone, "www", "CNAME")] == [f"web.{zone.name}."]
    assert [each.value for each in live(host, zone, "", "MX")] == ["0 ."]


def test_a_protected_set_is_not_touched_and_nothing_is_sent(hetzner: Emulator, host: Hetzner, zone: Zone) -> None:
    before = put(host, zone, "www", "A", "192.0.2.1")
    host._wire.order("POST", f"/v1/zones/{zone.id}/rrsets/www/A/actions/change_protection", {"change": True})

    with pytest.raises(Refused, match="protected from changes at Hetzner"):
        host.change(
            zone, [change(zone, "www", "A", before, ()), change(zone, "a", "A", (), of(zone, "a", "A", "192.0.2.1"))]
        )

    assert same(host.records(zone), before)


@pytest.mark.parametrize(
    ("ttls", "words"), [((30,), "a TTL of less than 60 s"), ((300, 600), "one TTL for all values of a record")]
)
def test_ttls_that_the_service_does_not_take_are_not_sent(
    host: Hetzner, zone: Zone, ttls: tuple[int, ...], words: str
) -> None:
    after = [one for n, ttl in enumerate(ttls) for one in of(zone, "www", "A", f"192.0.2.{n}", ttl_s=ttl)]
    with pytest.raises(Refused, match=words):
        host.change(zone, [change(zone, "www", "A", (), after)])
    assert host.records(zone) == ()


def test_a_set_that_goes_between_look_and_change_is_noticed(
    host: Hetzner, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = put(host, zone, "www", "A", "192.0.2.1")
    make = host._make

    def overtaken(*order: Any) -> None:
        monkeypatch.undo()
        host._wire.order("DELETE", f"/v1/zones/{zone.id}/rrsets/www/A")
        make(*order)

    monkeypatch.setattr(host, "_make", overtaken)
    with pytest.raises(ZoneMoved):
        host.change(zone, [change(zone, "www", "A", seen, of(zone, "www", "A", "192.0.2.2"))])
