"""Names as the application takes, keeps and tells them: kept in ASCII, told in Unicode (models.py, validators 0.28)."""

from __future__ import annotations

import re

import idna

from backend.demo.mailu.refusals import internal

DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9_-]{0,61}[a-z]", re.IGNORECASE)
LOCAL = re.compile(r"[-!#$%&'*+/=?^_`{}|~0-9a-z]+(\.[-!#$%&'*+/=?^_`{}|~0-9a-z]+)*", re.IGNORECASE)


def is_domain(name: str) -> bool:
    try:
        text = name.encode("idna").decode()
    except UnicodeError:
        return False
    return bool(DOMAIN.fullmatch(text)) and "__" not in name


def is_address(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    return bool(at) and len(local) <= 64 and bool(LOCAL.fullmatch(local)) and is_domain(domain)


def kept(name: str) -> str:
    """A domain, or an address, as it is compared.

    :raises Refusal: 500: it cannot be one.
    """
    local, at, domain = name.lower().rpartition("@")
    try:
        return f"{local}{at}{idna.encode(domain).decode()}"
    except idna.IDNAError as error:
        raise internal() from error


def told(name: str) -> str:
    """The same, for an answer."""
    local, at, domain = name.rpartition("@")
    return f"{local}{at}{idna.decode(domain)}"


def listed(items: list[str]) -> list[str]:
    """How a list of addresses is kept: sorted, each once; one with a comma breaks off.

    :raises Refusal: 500.
    """
    if any("," in item for item in items):
        raise internal()
    return sorted(set(items))
