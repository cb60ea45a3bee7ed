"""What a blocklist is asked about, an address or a domain, and the name that stands for it."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from backend.core.domain_names import plain_domain
from backend.core.resolver import NotAName, to_name

Address = IPv4Address | IPv6Address
#: A domain is a text in small letters, ASCII, without a final dot.
Subject = Address | str

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


def subject_of(text: str) -> Subject:
    """An address, one of IPv4 within IPv6 as that of IPv4, else a domain, ``Bücher.example.`` as the DNS has it.

    :raises ValueError: it is neither.
    """
    plain = text.strip()
    try:
        address = ip_address(plain)
    except ValueError:
        return _domain_of(plain)
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            raise ValueError(f"{plain} is an address of one network only")
        return address.ipv4_mapped or address
    return address


def query_name(subject: Subject, zone: str) -> str:
    """The name that stands for it (RFC 5782 2.1, 2.4, 3): octets or nibbles backwards, or the domain, then the zone."""
    if isinstance(subject, str):
        return f"{subject}.{zone}"
    parts = str(subject).split(".") if subject.version == 4 else list(subject.exploded.replace(":", ""))
    return ".".join((*reversed(parts), zone))


def _domain_of(text: str) -> str:
    name = plain_domain(text)
    try:
        to_name(name)
    except NotAName:
        raise ValueError(f"{text} is neither an address nor a domain") from None
    is_number = name.rpartition(".")[2].isdigit()
    if is_number or not _HOST_NAME.fullmatch(name):
        raise ValueError(f"{text} is neither an address nor a domain")
    return name
