"""Where the API of each provider lives, for accounts without an address of their own."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

HOMES: Mapping[str, str] = {
    "digitalocean": "https://api.digitalocean.com",
    "ec2": "https://ec2.us-east-1.amazonaws.com",
    "hostwinds": "https://clients.hostwinds.com/cloud/api.php",
    "linode": "https://api.linode.com",
    "vultr": "https://api.vultr.com",
}


def host_of(kind: str) -> str:
    """The host of a provider's API, where an account has no address of its own; empty when we do not know the kind."""
    return urlsplit(HOMES.get(kind, "")).hostname or ""
