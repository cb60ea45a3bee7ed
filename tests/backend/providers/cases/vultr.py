"""Vultr as its document of December 2023 and the recorded answers of February 2026 have it."""

from __future__ import annotations

from tests.backend.providers.cases.case import Case

VULTR = Case(
    kind="vultr",
    name="Vultr",
    document="vultr.json",
    holder="operations@agency.example",
    server_limit=None,
    limit_words="maximum number of active instances",
    source="Vultr API v2",
    order={"region": "fra", "plan": "vc2-1c-2gb", "image": "2136"},
    larger="vc2-2c-4gb",
    size=(1, 2048, 55, 2048),
    price=(10_000_000, 14_000),
    closed_region=None,
    repriced={"monthly_cost": 15, "hourly_cost": 0.021},
    plans="plans",
    refused=(
        ({"region": "moon1"}, "Invalid region"),
        ({"plan": "vc2-999"}, "Invalid plan chosen"),
        ({"plan": "vc2-1c-0.5gb"}, "not available in the selected region"),
        ({"image": "1"}, "Invalid os_id"),
    ),
    servers="/v2/instances",
    server="instance",
    listed="instances",
    keys="/v2/ssh-keys",
    account="/v2/account",
    must_be_off_to_resize=False,
    resize_method="PATCH",
    no_power=("shutdown",),
    charges=(-50_000_000, 0),
    names_reserved=True,
    reserve_keeps=True,
    reserved_micro=(3_000_000, 3_000_000),
    invoices=(("123457", "2026-11-01", 10_140_000), ("123456", "2026-10-01", 10_000_000)),
)
