"""Every recorded answer of the live Vultr is read by the driver, whatever its document says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from backend.core.secrets.values import Secret
from backend.providers.ports import Order, Plan
from backend.providers.vultr.driver import Vultr
from tests.backend.providers.recorded import answering, samples_of
from tests.requirements import shared

NOTHING = {"meta": {"total": 0, "links": {"next": "", "prev": ""}}}
READ = {"create_server", "regions", "instances"}
ORDER = Order("mx1", "ewr", "vc2-1c-1gb", "2284", "key", "ssh-ed25519 AAAA", Secret("#cloud-config"))


@pytest.fixture
def samples() -> dict[str, Any]:
    return samples_of("vultr")


@pytest.fixture
def recorded_plans() -> list[dict[str, Any]]:
    """The recorded list of plans stands with the prices."""
    found: dict[str, Any] = json.loads(shared("data", "prices", "prices-vultr.json").read_text())
    return found["plans"]  # type: ignore[no-any-return]


@pytest.fixture
def live(samples: dict[str, Any], recorded_plans: list[dict[str, Any]]) -> Iterator[Vultr]:
    answers = {
        "/v2/instances": (200, samples["instances"]),
        "/v2/regions": (200, samples["regions"]),
        "/v2/plans": (200, {"plans": recorded_plans, "meta": {"total": len(recorded_plans)}}),
        "/v2/os": (200, {"os": [], **NOTHING}),
    }
    with answering(answers) as url:
        driver = Vultr(Secret("token"), endpoint_url=url)
        yield driver
        driver.close()


def _plan(live: Vultr, slug: str) -> Plan:
    return next(plan for plan in live.catalogue().plans if plan.slug == slug)


def test_no_recorded_answer_is_left_unread(samples: dict[str, Any]) -> None:
    assert set(samples) == READ


def test_the_recorded_answer_to_an_order_is_read_but_for_its_password(samples: dict[str, Any]) -> None:
    instance = samples["create_server"]["instance"]

    with answering({"/v2/instances": (202, samples["create_server"])}) as url:
        live = Vultr(Secret("token"), endpoint_url=url)
        machine = live.create(ORDER)
        live.close()

    assert (machine.id, machine.name) == (instance["id"], instance["label"])
    assert (machine.state, machine.power) == ("creating", "unknown")
    assert (machine.ipv4, machine.ipv6, machine.tags) == ((), (), ())
    assert (machine.region, machine.plan, machine.image) == ("ewr", "vc2-1c-1gb", "2284")
    assert (machine.memory_mb, machine.vcpus, machine.disk_gb) == (1024, 1, 0)
    assert machine.created_at is not None
    assert machine.created_at.isoformat() == "2026-02-11T03:07:45+00:00"
    assert instance["default_password"] not in repr(machine)


def test_the_recorded_empty_account_has_no_servers(live: Vultr) -> None:
    assert list(live.machines()) == []


def test_the_recorded_regions_are_read_and_all_are_open(live: Vultr) -> None:
    regions = {region.slug: region for region in live.catalogue().regions}

    assert len(regions) == 32
    assert regions["fra"].name == "Frankfurt, DE"
    assert all(region.available for region in regions.values())


def test_the_recorded_plans_are_read_with_broken_dollars_and_what_they_cost_elsewhere(live: Vultr) -> None:
    catalogue = live.catalogue()

    assert len(catalogue.plans) == 100
    assert all(plan.available and plan.regions and plan.transfer_gb for plan in catalogue.plans)
    assert _plan(live, "vc2-1c-0.5gb-v6").monthly_micro == 2_500_000
    (elsewhere,) = _plan(live, "vc2-1c-1gb").overrides
    assert (elsewhere.region, elsewhere.monthly_micro, elsewhere.hourly_micro) == ("sao", 7_500_000, 10_000)


def test_the_products_own_catalogue_is_what_was_recorded(live: Vultr, recorded_plans: list[dict[str, Any]]) -> None:
    text = (files("resources") / "data" / "vultr.json").read_text(encoding="utf-8")
    ours = {plan["slug"]: plan for plan in json.loads(text)["plans"]}

    assert list(ours) == [plan["id"] for plan in recorded_plans]
    assert {plan.slug: plan.disk_gb for plan in live.catalogue().plans} == {
        slug: plan["disk"] for slug, plan in ours.items()
    }
