"""Every recorded answer of the live service is read by the driver, whatever its document says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backend.core.secrets.values import Secret
from backend.providers.digitalocean.driver import DigitalOcean
from backend.providers.ports import Order
from tests.backend.providers.recorded import answering, samples_of

EMPTY = {"sizes": [], "images": [], "links": {}, "meta": {"total": 0}}
READ = {"create_server", "regions"}


@pytest.fixture
def samples() -> dict[str, Any]:
    return samples_of("digitalocean")


@pytest.fixture
def live(samples: dict[str, Any]) -> Iterator[DigitalOcean]:
    answers = {
        "/v2/droplets": (202, samples["create_server"]),
        "/v2/regions": (200, samples["regions"]),
        "/v2/sizes": (200, EMPTY),
        "/v2/images": (200, EMPTY),
    }
    with answering(answers) as url:
        driver = DigitalOcean(Secret("token"), endpoint_url=url)
        yield driver
        driver.close()


def test_no_recorded_answer_is_left_unread(samples: dict[str, Any]) -> None:
    assert set(samples) == READ


def test_the_recorded_answer_to_an_order_is_read(live: DigitalOcean, samples: dict[str, Any]) -> None:
    droplet = samples["create_server"]["droplet"]

    machine = live.create(
        Order("mx1", "nyc3", "s-1vcpu-512mb-10gb", "ubuntu-24-04-x64", "1", "ssh-ed25519 AAAA", Secret("#cloud-config"))
    )

    assert (machine.id, machine.name) == (str(droplet["id"]), droplet["name"])
    assert (machine.state, machine.power, machine.ipv4) == ("creating", "unknown", ())
    assert (machine.region, machine.plan, machine.image) == ("nyc3", "s-1vcpu-512mb-10gb", "ubuntu-24-04-x64")
    assert (machine.memory_mb, machine.disk_gb, machine.monthly_micro) == (512, 10, 4_000_000)
    assert machine.created_at is not None


def test_the_recorded_regions_are_read_also_those_the_document_does_not_know(live: DigitalOcean) -> None:
    regions = {region.slug: region for region in live.catalogue().regions}

    assert len(regions) == 15
    assert regions["atl1"].available
    assert regions["nyc1"].name == "New York 1"
