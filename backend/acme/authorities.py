"""Certificate authorities that speak ACME: where they are, whom they trust, and the limits that are known of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from backend.core.errors import Refused
from backend.core.present.text import _


@dataclass(frozen=True)
class Bucket:
    """A limit as authorities count: so many at once, and one more each ``refill_s`` seconds."""

    most: int
    refill_s: float


@dataclass(frozen=True)
class Limits:
    """What an authority lets one account do; None: no such limit is known. ``source`` and ``as_of`` are of all of them.

    ``renewals_are_free``: an order with the names of an earlier certificate counts neither as one of the account's nor
    against its domains, and one that says which certificate it replaces (RFC 9773) counts nowhere.
    """

    names: int = 100
    orders: Bucket | None = None
    per_registered_domain: Bucket | None = None
    per_set_of_names: Bucket | None = None
    failures: Bucket | None = None
    failures_in_a_row: Bucket | None = None
    renewals_are_free: bool = False
    source: str = ""
    as_of: date | None = None


@dataclass(frozen=True)
class Authority:
    """One ACME server. ``kind`` is ours for it, ``custom`` for one that a person entered.

    ``root`` is PEM of the authority that its own *server's* certificate is checked by; empty: the public ones.
    """

    kind: str
    name: str
    directory_url: str
    is_staging: bool = False
    limits: Limits = Limits()
    root: str = ""

    def __post_init__(self) -> None:
        """:raises Refused: see :func:`check_address`; or ``root`` holds no certificate."""
        check_address(self.directory_url)
        if self.root and "-----BEGIN CERTIFICATE-----" not in self.root:
            raise Refused(_("This is no certificate in PEM."))


def check_address(url: str) -> None:
    """:raises Refused: it is not https; plain http is for loopback alone. A server's answers are held to it, too."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return
    raise Refused(
        _("The address of a certificate authority must begin with https://."), remedy=_("Check it."), detail=url[:200]
    )


@cache
def authorities() -> tuple[Authority, ...]:
    """Those that Mailyard knows, as ``resources/data/acme.json`` has them."""
    read = json.loads(files("resources").joinpath("data/acme.json").read_text(encoding="utf-8"))
    return tuple(
        Authority(each["kind"], each["name"], each["directory"], each["is_staging"], _limits(each["limits"]))
        for each in read["authorities"]
    )


def _limits(told: Mapping[str, Any]) -> Limits:
    buckets = {key: Bucket(**value) for key, value in told.items() if isinstance(value, dict)}
    return Limits(
        names=told["names"],
        renewals_are_free=told["renewals_are_free"],
        source=told["source"],
        as_of=date.fromisoformat(told["as_of"]),
        **buckets,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
