"""Every recorded answer of the live Linode is read by the driver, whatever its document says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from backend.core.secrets.values import Secret
from backend.providers.linode.driver import Linode
from backend.providers.ports import Order, Plan
from tests.backend.providers.recorded import answering, samples_of
from tests.requirements import shared

NOTHING: dict[str, Any] = {"data": [], "page": 1, "pages": 1, "results": 0}
READ = {"create_server", "regions"}
ORDER = Order("mx1", "us-east", "g6-nanode-1", "linode/ubuntu24.04", "", "ssh-ed25519 AAAA", Secret("#cloud-config"))


@pytest.fixture
def samples() -> dict[str, Any]:
    return samples_of("linode")


@pytest.fixture
def recorded_plans() -> list[dict[str, Any]]:
    """The recorded list of types stands with the prices."""
    found: dict[str, Any] = json.loads(shared("data", "prices", "prices-linode.json").read_text())
    return found["plans"]  # type: ignore[no-any-return]


@pytest.fixture
def live(samples: dict[str, Any], recorded_plans: list[dict[str, Any]]) -> Iterator[Linode]:
    plans = {"data": recorded_plans, "page": 1, "pages": 1, "results": len(recorded_plans)}
    answers = {
        "/v4/regions": (200, samples["regions"]),
        "/v4/regions/availability": (200, NOTHING),
        "/v4/linode/types": (200, plans),
        "/v4/images": (200, NOTHING),
    }
    with answering(answers) as url:
        driver = Linode(Secret("token"), endpoint_url=url)
        yield driver
        driver.close()


def _plan(live: Linode, slug: str) -> Plan:
    return next(plan for plan in live.catalogue().plans if plan.slug == slug)


def test_no_recorded_answer_is_left_unread(samples: dict[str, Any]) -> None:
    assert set(samples) == READ


def test_the_recorded_answer_to_an_order_is_read(samples: dict[str, Any]) -> None:
    raw = samples["create_server"]

    with answering({"/v4/linode/instances": (200, raw)}) as url:
        live = Linode(Secret("token"), endpoint_url=url)
        machine = live.create(ORDER)
        live.close()

    assert (machine.id, machine.name) == (str(raw["id"]), raw["label"])
    assert (machine.state, machine.power) == ("creating", "unknown")
    assert (machine.ipv4, machine.ipv6, machine.tags) == (("203.0.113.52",), ("2001:db8::1",), ())
    assert (machine.region, machine.plan, machine.image) == ("us-east", "g6-nanode-1", "linode/ubuntu24.04")
    assert (machine.vcpus, machine.memory_mb, machine.disk_gb) == (1, 1024, 25)
    assert machine.created_at is not None
    assert machine.created_at.isoformat() == "2026-02-11T03:01:09+00:00"


def test_the_recorded_regions_are_read_and_all_are_open(live: Linode) -> None:
    regions = {region.slug: region for region in live.catalogue().regions}

    assert len(regions) == 32
    assert regions["de-fra-2"].name == "Frankfurt 2, DE"
    assert all(region.available for region in regions.values())


def test_the_recorded_types_are_read_with_their_prices_and_where_they_can_be_had(live: Linode) -> None:
    catalogue = live.catalogue()

    assert len(catalogue.plans) == 72
    assert all(plan.available and plan.monthly_micro and plan.hourly_micro for plan in catalogue.plans)
    nanode = _plan(live, "g6-nanode-1")
    assert (nanode.name, nanode.memory_mb, nanode.disk_gb, nanode.transfer_gb) == ("Nanode 1GB", 1024, 25, 1000)
    assert (nanode.monthly_micro, nanode.hourly_micro, len(nanode.regions)) == (5_000_000, 7_500, 32)
    assert len(_plan(live, "g7-premium-2").regions) == 21
    assert {each.region: each.monthly_micro for each in _plan(live, "g7-dedicated-4-2").overrides} == {
        "br-gru": 60_200_000,
        "id-cgk": 51_600_000,
    }


def test_a_plan_without_traffic_of_its_own_is_told_so(live: Linode) -> None:
    assert _plan(live, "g8-dedicated-4-2").transfer_gb == 0
    assert _plan(live, "g8-dedicated-4-2").disk_gb == 41


def test_the_products_own_catalogue_is_what_was_recorded(live: Linode, recorded_plans: list[dict[str, Any]]) -> None:
    text = (files("resources") / "data" / "linode.json").read_text(encoding="utf-8")
    ours = json.loads(text)

    assert [plan["slug"] for plan in ours["plans"]] == [plan["id"] for plan in recorded_plans]
    assert {plan.slug: plan.disk_gb for plan in live.catalogue().plans} == {
        plan["slug"]: plan["disk"] // 1024 for plan in ours["plans"]
    }
    assert [region["slug"] for region in ours["regions"]] == [region.slug for region in live.catalogue().regions]
