"""Route 53's batches: all or nothing, only on what was seen, and once more after a lost answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.core.errors import OutcomeUnknown, ProviderRefused
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import ZoneMoved, same, text_value
from backend.dnshosts.route53.driver import Route53
from tests.backend.dnshosts.amazon import BATCH, batches, send, told, valued
from tests.backend.dnshosts.bind import ZONES
from tests.backend.dnshosts.conftest import opened_route53
from tests.backend.dnshosts.test_contract import change, live, named, of, put
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once


@pytest.fixture
def host(route53: Emulator) -> Iterator[Route53]:
    yield from opened_route53(route53)


@pytest.fixture
def zone(host: Route53) -> Zone:
    return host.zone(ZONES[0])


@pytest.mark.parametrize("fault", ["500", "500_after", "lost_answer", "close", "cut_body", "malformed"])
def test_a_change_without_an_answer_can_be_made_again(route53: Emulator, host: Route53, zone: Zone, fault: str) -> None:
    before = put(host, zone, "", "MX", "5 old.example.")
    wanted = of(zone, "", "MX", "10 mx1.agency.example.", "20 mx2.agency.example.")
    route53.fault(fault, *BATCH)

    with pytest.raises(OutcomeUnknown):
        host.change(zone, [change(zone, "", "MX", before, wanted)])
    host.change(zone, [change(zone, "", "MX", before, wanted)])

    assert same(live(host, zone, "", "MX"), wanted)
    assert batches(route53) == 2


def overtaken(host: Route53, monkeypatch: pytest.MonkeyPatch, faster: Callable[[], object]) -> None:
    """Somebody else does this between our next look and our batch."""
    looked, left = host._found, [faster]

    def found(zone: Zone) -> Any:
        seen = looked(zone)
        while left:
            left.pop()()
        return seen

    monkeypatch.setattr(host, "_found", found)


@pytest.mark.parametrize(
    "faster",
    [valued("192.0.2.1", "192.0.2.9", ttl_s=3600), valued("192.0.2.1", ttl_s=60), None],
    ids=["it grew", "its TTL", "it went"],
)
def test_of_a_change_that_was_overtaken_nothing_is_done(
    host: Route53, amazon: Any, zone: Zone, monkeypatch: pytest.MonkeyPatch, faster: dict[str, Any] | None
) -> None:
    """What we replace must be what we saw, its TTL too."""
    seen = put(host, zone, "www", "A", "192.0.2.1")
    raw = told(amazon, zone)["www.zone0.example.", "A"]
    order = ("DELETE", raw) if faster is None else ("UPSERT", {**raw, **faster})
    overtaken(host, monkeypatch, lambda: send(amazon, zone, order))

    with pytest.raises(ZoneMoved):
        host.change(
            zone,
            [
                change(zone, "a", "A", (), of(zone, "a", "A", "192.0.2.7")),
                change(zone, "www", "A", seen, of(zone, "www", "A", "192.0.2.2")),
            ],
        )

    assert live(host, zone, "a", "A") == ()
    assert "192.0.2.2" not in {each.value for each in live(host, zone, "www", "A")}


def test_a_set_that_somebody_made_meanwhile_is_not_written_over(
    host: Route53, amazon: Any, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = {"Name": named(zone, "www"), "Type": "A", **valued("192.0.2.9")}
    overtaken(host, monkeypatch, lambda: send(amazon, zone, ("CREATE", theirs)))

    with pytest.raises(ZoneMoved):
        host.change(zone, [change(zone, "www", "A", (), of(zone, "www", "A", "192.0.2.1"))])

    assert [each.value for each in live(host, zone, "www", "A")] == ["192.0.2.9"]


@pytest.mark.parametrize("is_listed", [False, True], ids=["as all errors", "in a form of its own"])
def test_an_alias_beside_an_address_is_refused_and_nothing_is_done(
    route53: Emulator, host: Route53, zone: Zone, is_listed: bool
) -> None:
    put(host, zone, "www", "A", "192.0.2.1")
    before = host.records(zone)
    if is_listed:
        route53.set("listed")

    with pytest.raises(ProviderRefused, match=r"CNAME with DNS name www\..* conflicts with other records"):
        host.change(
            zone,
            [
                change(zone, "a", "A", (), of(zone, "a", "A", "192.0.2.7")),
                change(zone, "www", "CNAME", (), of(zone, "www", "CNAME", "site.example.")),
            ],
        )

    assert same(host.records(zone), before)


def test_a_large_change_goes_in_batches_that_the_service_takes(route53: Emulator, host: Route53, zone: Zone) -> None:
    """What happens to one name stays in one batch; where the second is lost, the whole is made again."""
    addresses = [f"10.0.{n // 256}.{n % 256}" for n in range(350)]
    wanted = [change(zone, each, "A", (), of(zone, each, "A", *addresses)) for each in ("a", "b", "c")]
    assert host.limits.is_atomic_for(wanted[:2])
    assert not host.limits.is_atomic_for(wanted)
    route53.fault("lost_answer", *BATCH, skip=1)

    with pytest.raises(OutcomeUnknown):
        host.change(zone, wanted)
    assert len(live(host, zone, "a", "A")) == len(addresses)
    host.change(zone, wanted)

    assert len(live(host, zone, "c", "A")) == len(addresses)
    assert batches(route53) == 2


def test_long_texts_go_in_batches_that_the_service_takes(route53: Emulator, host: Route53, zone: Zone) -> None:
    wanted = [change(zone, f"t{n}", "TXT", (), of(zone, f"t{n}", "TXT", text_value("x" * 3_900))) for n in range(9)]
    assert host.limits.is_atomic_for(wanted[:8])
    assert not host.limits.is_atomic_for(wanted)

    host.change(zone, wanted)

    assert batches(route53) == 2
    assert sum(each.type == "TXT" for each in host.records(zone)) == 9
