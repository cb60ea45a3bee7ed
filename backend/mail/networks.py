"""Networks that an app token may be used from, as Mailu's API takes them (validators 0.28: no bits of a host)."""

from __future__ import annotations

import ipaddress

from backend.core.errors import Refused
from backend.core.present.text import _


def plain_network(text: str) -> str:
    """An address, or a network with its length. What is neither stays as it was: who uses it refuses it."""
    plain = text.strip().lower()
    try:
        return str(ipaddress.ip_network(plain)) if "/" in plain else str(ipaddress.ip_address(plain))
    except ValueError:
        return plain


def check_network(text: str) -> None:
    """:raises Refused: it is neither an address nor a network."""
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise _no_network(text) from error
    if "%" in text:
        raise _no_network(text)


def _no_network(text: str) -> Refused:
    try:
        meant = str(ipaddress.ip_network(text, strict=False)) if "%" not in text else ""
    except ValueError:
        meant = ""
    return Refused(
        _("{text} is neither an IP address nor a network.").format(text=text or "–"),
        remedy=_("Did you mean {network}?").format(network=meant)
        if meant
        else _("Use an address such as 203.0.113.7, or a network such as 203.0.113.0/24."),
    )
