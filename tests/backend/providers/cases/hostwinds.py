"""Hostwinds as the second-hand documentation of November 2025 and clients in use have it."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from tests.backend.providers.cases.case import Case

API = "/cloud/api.php"
IMAGE = str(uuid5(NAMESPACE_URL, "hostwinds:Debian 12"))

HOSTWINDS = Case(
    kind="hostwinds",
    name="Hostwinds",
    document="",
    holder="Hostwinds account",
    server_limit=None,
    limit_words="maximum number of servers",
    source="Hostwinds API",
    order={"region": "12", "plan": "52", "image": IMAGE},
    larger="53",
    size=(1, 2048, 50, 2000),
    price=(9_990_000, None),
    closed_region=None,
    repriced={"monthly": "14.985"},
    plans="plans",
    refused=(
        ({"region": "99"}, "Location Id is invalid"),
        ({"plan": "999"}, "Resource Id is invalid"),
        ({"image": "no-such-image"}, "Template is invalid"),
    ),
    servers=f"{API}/get_instances",
    server="",
    listed="",
    keys="",
    account=f"{API}/get_instances",
    must_be_off_to_resize=False,
    tells_reverse=False,
    charges=(None, None),
    record_id="serviceid",
    untagged={"srvrname": "mx1.example.net"},
    is_paged=False,
    answers_order_with_server=False,
    no_power=("off", "power_cycle"),
    calls={
        "read": ("POST", f"{API}/get_instances"),
        "show": ("POST", f"{API}/get_instance/"),
        "order": ("POST", f"{API}/add_instance"),
        "delete": ("POST", f"{API}/terminate/"),
        "resize": ("POST", f"{API}/upgrade_instance/"),
        "shutdown": ("POST", f"{API}/shutdown/"),
        "account": ("POST", f"{API}/get_instances"),
    },
    counts="both",
    tells_traffic=(),
    included_bytes=2_000_000_000_000,
    reading_words=("/get_", "/check_"),
)
