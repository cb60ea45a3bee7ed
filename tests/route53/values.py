"""What of a value the service finds wrong, in its words."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator

import dns.exception
import dns.name
import dns.rdata

TEXT_PIECE = 255
STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"(?:[ \t]+"(?:[^"\\]|\\.)*")*')
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
OCTET = re.compile(r"\\[0-3][0-7]{2}|\\.|.")
ESCAPE = re.compile(r"\\([0-3][0-7]{2})")


def problem(kind: str, value: str) -> str:
    """Empty where the service takes the value."""
    wrong = next((words for words in _wrong(kind, value) if words), "")
    return f"Invalid Resource Record: 'FATAL problem: {wrong} encountered with '{value}''" if wrong else ""


def _wrong(kind: str, value: str) -> Iterator[str]:
    if not all(" " <= each <= "~" for each in value):
        yield "UnsupportedCharacter (Value contains unsupported characters)"
    elif kind in ("TXT", "SPF"):
        yield _text(value)
    elif kind == "A":
        yield _address(ipaddress.IPv4Address, value, "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)")
    elif kind == "AAAA":
        words = "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"
        yield _address(ipaddress.IPv6Address, value, words)
    else:
        yield _generic(kind, value)


def _text(value: str) -> str:
    if not STRINGS.fullmatch(value):
        return "InvalidCharacterString (Value should be enclosed in quotation marks)"
    if any(len(OCTET.findall(each)) > TEXT_PIECE for each in STRING.findall(value)):
        return "CharacterStringTooLong (Value is too long)"
    return ""


def _address(kind: Callable[[str], object], value: str, words: str) -> str:
    try:
        kind(value)
    except ValueError:
        return words
    return ""


def _generic(kind: str, value: str) -> str:
    """The service has a name for each; these are put together here."""
    decimal = ESCAPE.sub(lambda found: f"\\{int(found[1], 8):03}", value)
    try:
        dns.rdata.from_text("IN", kind, decimal, origin=dns.name.root, relativize=False)
    except (dns.exception.DNSException, ValueError):
        return f"{kind}RRDATAInvalid (Value is not valid)"
    return ""
