"""Sets as Route 53 tells and takes them: one TTL for all, names and values with octal escapes.

Forms: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html and ResourceRecordTypes.html.
"""

from __future__ import annotations

import re
from typing import Any

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.rest.values import record as checked
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import BadRecord, Records, record
from backend.dnshosts.route53.wire import SERVICE

#: What a set consists of that is served as it is: one with more is an alias, or one of several that a rule of the
#: service chooses from.
PLAIN = frozenset({"Name", "Type", "TTL", "ResourceRecords"})
#: botocore's model of the API: RRType, without what the service makes itself and without SPF, which nobody asks.
TYPES = frozenset(
    {
        "A",
        "AAAA",
        "CAA",
        "CNAME",
        "DS",
        "HTTPS",
        "MX",
        "NAPTR",
        "NS",
        "PTR",
        "SPF",
        "SRV",
        "SSHFP",
        "SVCB",
        "TLSA",
        "TXT",
    }
)
OCTAL = re.compile(r"\\([0-3][0-7]{2})|\\(.)", re.DOTALL)
DECIMAL = re.compile(r'\\(?:(\d{3})|(["\\])|(.))', re.DOTALL)
UNESCAPED = re.compile(r"[a-z0-9_.*-]")


def zone_of(raw: Any, name_servers: tuple[str, ...] = ()) -> Zone:
    found = checked(SERVICE, raw, "Id", "Name")
    return Zone(name_told(found["Name"]), str(found["Id"]).removeprefix("/hostedzone/"), name_servers)


def is_private(raw: Any) -> bool:
    """A zone that is served inside of Amazon's networks alone."""
    return bool((checked(SERVICE, raw).get("Config") or {}).get("PrivateZone"))


def key_of(raw: Any) -> tuple[str, str]:
    """Of which set it is, whether or not it has a form of ours."""
    found = checked(SERVICE, raw, "Name", "Type")
    return name_told(found["Name"]), str(found["Type"])


def records_of(raw: dict[str, Any]) -> Records:
    """:raises BadRecord: the set, its name or one of its values has no form of ours."""
    name, kind = key_of(raw)
    if set(raw) != PLAIN or "\\" in name:
        raise BadRecord(_("{service} serves {name} by a rule of its own.").format(service=SERVICE, name=name))
    return tuple(record(name, kind, int(raw["TTL"]), value_told(str(each["Value"]))) for each in raw["ResourceRecords"])


def set_of(records: Records) -> dict[str, Any]:
    """What the API is told of a set.

    :raises Refused: sets of this kind are not made here.
    """
    first = records[0]
    if first.type not in TYPES:
        raise Refused(
            _("Mailyard makes no records of type {type} at {service}.").format(type=first.type, service=SERVICE)
        )
    if len({each.ttl_s for each in records}) > 1:
        raise Refused(_("All records of one name and type have one TTL at {service}.").format(service=SERVICE))
    return {
        "Name": name_to_tell(first.name),
        "Type": first.type,
        "TTL": first.ttl_s,
        "ResourceRecords": [{"Value": value_to_tell(each.value)} for each in records],
    }


def name_told(text: str) -> str:
    """In our form; what no name of ours can hold stays escaped."""

    def plain(found: re.Match[str]) -> str:
        character = chr(int(found[1], 8)) if found[1] else "\\"
        return character if "!" <= character <= "~" and character not in ".\\" else found[0]

    return OCTAL.sub(plain, str(text)).lower().removesuffix(".")


def name_to_tell(name: str) -> str:
    """:raises BadRecord: it holds what would be told as another name."""
    if not all("!" <= each <= "~" and each != "\\" for each in name):
        raise BadRecord(_("{name} is no name of the DNS.").format(name=name))
    return "".join(each if UNESCAPED.match(each) else f"\\{ord(each):03o}" for each in name) + "."


def value_told(text: str) -> str:
    """With the decimal escapes of a zone file (RFC 1035 5.1)."""
    return OCTAL.sub(lambda found: f"\\{int(found[1], 8):03}" if found[1] else found[0], text)


def value_to_tell(value: str) -> str:
    """With octal escapes; quotation marks and backslashes keep theirs."""

    def octal(found: re.Match[str]) -> str:
        if found[2]:
            return found[0]
        return f"\\{int(found[1]) if found[1] else ord(found[3]):03o}"

    return DECIMAL.sub(octal, value)
