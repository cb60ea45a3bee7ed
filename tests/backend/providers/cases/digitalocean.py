"""DigitalOcean as its document of August 2026 and the recorded answers have it."""

from __future__ import annotations

from tests.backend.providers.cases.case import Case

DIGITALOCEAN = Case(
    kind="digitalocean",
    name="DigitalOcean",
    document="digitalocean.json",
    holder="operations@agency.example",
    server_limit=25,
    limit_words="will exceed your droplet limit",
    source="DigitalOcean API v2",
    order={"region": "fra1", "plan": "s-1vcpu-2gb", "image": "debian-12-x64"},
    larger="s-2vcpu-4gb",
    size=(1, 2048, 50, 2000),
    price=(12_000_000, 17_860),
    closed_region="sfo1",
    repriced={"price_monthly": 18.0, "price_hourly": 0.02679},
    plans="sizes",
    refused=(
        ({"region": "sfo1"}, "not available in the specified region"),
        ({"plan": "s-999"}, "invalid size"),
        ({"image": "no-such-image"}, "invalid image"),
    ),
    servers="/v2/droplets",
    server="droplet",
    listed="droplets",
    keys="/v2/account/keys",
    account="/v2/account",
    must_be_off_to_resize=True,
    reserved_micro=(0, None),
    counts="",
    tells_cpu=True,
    invoices=(("512345678", "2026-11-01", 27_130_000), ("498765432", "2026-10-01", 25_860_000)),
)
