"""Names of domains and addresses as they are compared: small letters, ASCII (RFC 5891), no final dot."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def plain_domain(text: str) -> str:
    """``Bücher.example.`` is ``xn--bcher-kva.example``. What is no name stays as it was: who uses it refuses it."""
    name = text.strip().lower().rstrip(".")
    if name.isascii():
        return name
    import idna

    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return name


def plain_address(text: str) -> str:
    """Local part and domain in small letters: no mail server of today tells them apart."""
    local, at, domain = text.strip().lower().rpartition("@")
    return f"{local}{at}{plain_domain(domain)}"


def registered_domain(domain: str) -> str:
    """The domain below the public suffix, private ones included; a public suffix stands for itself."""
    registered: str | None = _suffixes().privatesuffix(domain)
    return registered or domain


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
