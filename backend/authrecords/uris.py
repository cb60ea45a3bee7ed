"""Addresses that records name: URIs (RFC 3986), domains (RFC 5321 4.1.2), mail addresses (RFC 6068)."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

MOST_OF_DOMAIN = 253

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LOCAL_PART = re.compile(r"(?:[A-Za-z0-9.!#$&'*+/=^_`{|}~-]|%[0-9A-Fa-f]{2})+")
_NAME_IN_URI = re.compile(r"[A-Za-z0-9._-]+")


def is_uri(text: str) -> bool:
    """Whether it is an absolute URI."""
    return _URI.fullmatch(text) is not None


def scheme(uri: str) -> str:
    """What comes before the colon, in small letters; empty where there is none."""
    before, colon, _rest = uri.partition(":")
    return before.lower() if colon else ""


def web_host(uri: str) -> str:
    """The host of an http or https URI; empty where it has none or is none."""
    if not is_uri(uri) or not uri.partition(":")[2].startswith("//"):
        return ""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    is_name = _NAME_IN_URI.fullmatch(host) is not None and all(host.removesuffix(".").split("."))
    return host if port != 0 and (is_name or is_address(host)) else ""


def is_mailto(uri: str) -> bool:
    """Whether it is a ``mailto:`` with one address; fields after a question mark are allowed."""
    address, _mark, fields = uri.partition(":")[2].partition("?")
    return scheme(uri) == "mailto" and is_uri(uri) and "#" not in fields and is_mail_address(address)


def is_mail_address(text: str) -> bool:
    """Whether it is the address of a mailbox, as URIs write it."""
    local_part, at, domain = text.rpartition("@")
    return bool(at) and _LOCAL_PART.fullmatch(local_part) is not None and is_domain(domain)


def is_domain(text: str) -> bool:
    """Whether it is a domain in ASCII, without a dot at its end."""
    return len(text) <= MOST_OF_DOMAIN and all(_LABEL.fullmatch(each) for each in text.split("."))


def is_address(text: str) -> bool:
    """Whether it is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
