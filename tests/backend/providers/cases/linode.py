"""Linode as its document of October 2024 and the recorded answers of February 2026 have it."""

from __future__ import annotations

from tests.backend.providers.cases.case import Case

LINODE = Case(
    kind="linode",
    name="Linode",
    document="linode.json",
    holder="operations@agency.example",
    server_limit=None,
    limit_words="Account Limit reached",
    source="Linode API v4",
    order={"region": "eu-central", "plan": "g6-standard-1", "image": "linode/debian12"},
    larger="g6-standard-2",
    size=(1, 2048, 50, 2000),
    price=(12_000_000, 18_000),
    closed_region=None,
    repriced={"price": {"monthly": 18.0, "hourly": 0.027}},
    plans="types",
    refused=(
        ({"region": "moon-1"}, "region is not valid"),
        ({"plan": "g6-none-1"}, "A valid plan type by that ID was not found"),
        ({"plan": "g7-premium-2"}, "not available in the selected region"),
        ({"image": "linode/minix3"}, "image is not valid"),
    ),
    servers="/v4/linode/instances",
    server="",
    listed="data",
    keys="/v4/profile/sshkeys",
    account="/v4/profile",
    must_be_off_to_resize=False,
    reserve_keeps=True,
    reserved_micro=(4_964_000, 4_964_000),
    counts="sent",
    tells_traffic=("sent",),
    tells_cpu=True,
    included_bytes=2_000_000_000_000,
    invoices=(("123457", "2026-11-01", 12_480_000), ("123456", "2026-10-01", 12_000_000)),
)
