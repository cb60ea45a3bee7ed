"""DigitalOcean as a cloud of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.demo.emulator.twin import Order, Place, Twin

if TYPE_CHECKING:
    from backend.demo.digitalocean.api import DigitalOceanApi
    from backend.demo.emulator.process import Start

KIND = "digitalocean"


def _make_api(start: Start) -> DigitalOceanApi:
    from backend.demo.digitalocean.api import DigitalOceanApi

    return DigitalOceanApi(start)


def _droplet(order: Order) -> dict[str, Any]:
    return {
        "name": order.name,
        "region": order.place.region,
        "size": order.place.plan,
        "image": order.place.image,
        "user_data": order.user_data,
        "tags": list(order.tags),
        "ipv6": True,
    }


TWIN = Twin(
    kind=KIND,
    name="DigitalOcean (demo)",
    network="203.0.113.",
    make_api=_make_api,
    written=_droplet,
    stamp="%Y-%m-%dT%H:%M:%SZ",
    scopes=["read", "write"],
    places=(
        Place(KIND, "fra1", "s-1vcpu-2gb", "debian-12-x64"),
        Place(KIND, "fra1", "s-2vcpu-4gb", "debian-12-x64"),
        Place(KIND, "nyc3", "s-1vcpu-2gb", "debian-12-x64"),
    ),
    larger={"s-1vcpu-2gb": "s-2vcpu-4gb", "s-2vcpu-4gb": "s-4vcpu-8gb"},
)
