"""What a token may do: the parts of the account it reads or writes."""

from __future__ import annotations

from collections.abc import Sequence

from backend.demo.emulator.wire import Request

PARTS = ("account", "domains", "events", "firewall", "images", "ips", "linodes")
#: Which part a call belongs to, by the beginning of its path; the first that fits.
BELONGS = (
    ("/v4/account/events", "events"),
    ("/v4/account", "account"),
    ("/v4/profile/tokens", "account"),
    ("/v4/domains", "domains"),
    ("/v4/images", "images"),
    ("/v4/linode/types", ""),
    ("/v4/linode", "linodes"),
    ("/v4/networking/firewalls", "firewall"),
    ("/v4/networking", "ips"),
)
#: What anybody may read.
PUBLIC = ("/v4/regions", "/v4/linode/types", "/v4/images")


def told(scopes: Sequence[str]) -> str:
    """Scopes in the service's own words; ``read`` and ``write`` of a control stand for all parts."""
    if "write" in scopes:
        return "*"
    if "read" in scopes:
        return " ".join(f"{part}:read_only" for part in PARTS)
    return " ".join(scopes)


def suffice(granted: str, request: Request) -> bool:
    part = next((part for start, part in BELONGS if request.path.startswith(start)), "")
    if not part or granted == "*":
        return True
    enough = {f"{part}:read_write", *([f"{part}:read_only"] if request.method == "GET" else [])}
    return bool(enough & set(granted.split()))
