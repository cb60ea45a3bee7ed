"""The values of DMARC's tags, without regard to case (RFC 7489 6.4, RFC 9989 4.8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, get_args

from backend.core.domain_names import plain_domain
from backend.core.resolver import NotAName, to_name

Policy = Literal["none", "quarantine", "reject"]

POLICIES: tuple[Policy, ...] = get_args(Policy)
#: Of ``ri`` (32 bits), and of a size behind an address (64 bits, as OpenDMARC and mox hold it).
MOST_SECONDS, MOST_SIZE = 2**32 - 1, 2**64 - 1
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@$&'()*+;=-]|%[0-9A-Fa-f]{2})+")
_SIZE = re.compile(r"([0-9]{1,20})[ \t]*([kmgt]?)", re.IGNORECASE)
_KEYWORD = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")


def policy(value: str | None) -> Policy | None:
    """The policy that ``p``, ``sp`` or ``np`` names; None where it names none."""
    return next((each for each in POLICIES if value is not None and value.lower() == each), None)


def percentage(value: str | None) -> int | None:
    """Of how many messages in a hundred the policy is asked for (``pct``, RFC 7489 6.3)."""
    return int(value) if value is not None and _is_number(value, 100) and len(value) <= len("100") else None


def report_addresses(value: str | None) -> list[str]:
    """The URIs of ``rua`` or ``ruf`` that are well-formed, without the size behind them."""
    pieces = [] if value is None else value.split(",")
    return [each for each in map(_report_address, pieces) if each is not None]


def has_size(value: str) -> bool:
    """Whether an address of this list limits the size of reports."""
    return "!" in value


def _report_address(piece: str) -> str | None:
    uri, mark, size = piece.strip(" \t").partition("!")
    uri = uri.rstrip(" \t")
    if not _URI.fullmatch(uri) or not _SCHEME.match(uri) or (mark and not _is_size(size.strip(" \t"))):
        return None
    scheme, _colon, rest = uri.partition(":")
    return uri if rest and (scheme.lower() != "mailto" or _is_address(rest.partition("?")[0])) else None


def _is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    try:
        return bool(local and at and domain) and bool(to_name(plain_domain(domain)))
    except NotAName:
        return False


def _is_size(text: str) -> bool:
    found = _SIZE.fullmatch(text)
    return found is not None and int(found[1]) <= MOST_SIZE


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(MOST_SIZE)) and int(text) <= most


def _one_of(*words: str) -> Callable[[str], bool]:
    return lambda value: value.lower() in words


def _is_address_list(value: str) -> bool:
    return len(report_addresses(value)) == len(value.split(","))


def _is_failure_options(value: str) -> bool:
    return all(each.strip(" \t").lower() in ("0", "1", "d", "s") for each in value.split(":"))


def _is_report_formats(value: str) -> bool:
    """Keywords, of which receivers know one (RFC 7489 6.3)."""
    formats = [each.strip(" \t").lower() for each in value.split(":")]
    return all(_KEYWORD.fullmatch(each) for each in formats) and "afrf" in formats


#: What may stand in each tag, by its name; RFC 7489 and 9989 share the first group.
SHARED: dict[str, Callable[[str], bool]] = {
    "p": _one_of(*POLICIES),
    "sp": _one_of(*POLICIES),
    "adkim": _one_of("r", "s"),
    "aspf": _one_of("r", "s"),
    "fo": _is_failure_options,
    "rua": _is_address_list,
    "ruf": _is_address_list,
}
OLD: dict[str, Callable[[str], bool]] = {
    "pct": lambda value: percentage(value) is not None,
    "rf": _is_report_formats,
    "ri": lambda value: _is_number(value, MOST_SECONDS),
}
NEW: dict[str, Callable[[str], bool]] = {
    "np": _one_of(*POLICIES),
    "psd": _one_of("y", "n", "u"),
    "t": _one_of("y", "n"),
}
