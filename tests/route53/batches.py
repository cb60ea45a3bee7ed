"""A batch of changes as the service judges it: one after another on what is there, and all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from xml.etree import ElementTree

from tests.route53.moto import Element, q, text
from tests.route53.values import problem

MOST_RECORDS, MOST_CHARACTERS, MOST_IN_SET, LONGEST_VALUE = 1_000, 32_000, 400, 4_000
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")
Key = tuple[str, str, str]
Sets = dict[Key, Element]


class BadBatch(Exception):
    """What is wrong, each in the words of the service."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self.words = words


class BadRequest(Exception):
    """The request as a whole is none."""


def escaped(name: str) -> str:
    """A name as the service keeps it."""
    bare = name.lower().removesuffix(".")
    return "".join(each if each in PLAIN or each == "\\" else f"\\{ord(each):03o}" for each in bare) + "."


def key_of(each: Element) -> Key:
    return escaped(text(each, "Name")), text(each, "Type"), text(each, "SetIdentifier")


def after(zone: str, before: Sets, body: bytes) -> Sets:
    """The sets of a zone once this request was carried out.

    :raises BadBatch: the service refuses the batch.
    :raises BadRequest: the service cannot read the request.
    """
    changes = [(text(each, "Action"), _kept(each)) for each in ElementTree.fromstring(body).iter(q("Change"))]
    _check_size(changes)
    sets, wrong = dict(before), []
    for action, each in changes:
        found = list(_wrong(zone, sets, action, each))
        wrong += found
        if not found:
            _carry_out(sets, action, each)
    if not wrong:
        wrong = list(_wrong_in_whole(zone, sets))
    if wrong:
        raise BadBatch(*wrong)
    return sets


def values(each: Element) -> list[str]:
    return [one.text or "" for one in each.iterfind(q("ResourceRecords/ResourceRecord/Value"))]


def _kept(change: Element) -> Element:
    """:raises BadRequest: it is no set."""
    found = change.find(q("ResourceRecordSet"))
    assert found is not None
    kept = deepcopy(found)
    name = kept.find(q("Name"))
    assert name is not None
    name.text = escaped(name.text or "")
    is_alias = kept.find(q("AliasTarget")) is not None
    if is_alias == bool(values(kept) and text(kept, "TTL")):
        raise BadRequest(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
            f"TrafficPolicyInstanceId], but found none in Change with [Action={text(change, 'Action')}, "
            f"Name={name.text}, Type={text(kept, 'Type')}, SetIdentifier=null]"
        )
    return kept


def _check_size(changes: list[tuple[str, Element]]) -> None:
    """An UPSERT counts twice."""
    told = [(one, 2 if action == "UPSERT" else 1) for action, each in changes for one in values(each)]
    if sum(times for _one, times in told) > MOST_RECORDS:
        raise BadBatch(f"Number of records limit of {MOST_RECORDS} exceeded.")
    if sum(len(one) * times for one, times in told) > MOST_CHARACTERS:
        raise BadBatch(f"RDATA character limit of {MOST_CHARACTERS} exceeded.")
    if any(len(one) > LONGEST_VALUE for one, _times in told):
        raise BadRequest(f"1 validation error detected: Member must have length less than or equal to {LONGEST_VALUE}")


def _wrong(zone: str, sets: Sets, action: str, each: Element) -> Iterator[str]:
    name, kind, identifier = key = key_of(each)
    named = f"[name='{name}', type='{kind}'{f', set-identifier={identifier!r}' if identifier else ''}]"
    if name != zone and not name.endswith(f".{zone}"):
        yield f"RRSet with DNS name {name} is not permitted in zone {zone}"
    elif action == "DELETE":
        if key not in sets:
            yield f"Tried to delete resource record set {named} but it was not found"
        elif not _same(sets[key], each):
            yield f"Tried to delete resource record set {named} but the values provided do not match the current values"
    else:
        yield from filter(None, (problem(kind, one) for one in values(each)))
        if len(values(each)) > MOST_IN_SET:
            yield f"Cannot have more than {MOST_IN_SET} records in a RRSet."
        if action == "CREATE" and key in sets:
            yield f"Tried to create resource record set {named} but it already exists"
        yield from _conflicts(zone, sets, name, kind)


def _conflicts(zone: str, sets: Sets, name: str, kind: str) -> Iterator[str]:
    others = {other for held, other, _identifier in sets if held == name and other != kind}
    if kind == "CNAME" and name == zone:
        yield f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone}"
    elif kind == "CNAME" and others:
        yield (
            f"RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with the "
            f"same DNS name in zone {zone}"
        )
    elif "CNAME" in others:
        yield (
            f"RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type CNAME "
            f"with the same DNS name already exists in zone {zone}"
        )


def _wrong_in_whole(zone: str, sets: Sets) -> Iterator[str]:
    if (zone, "SOA", "") not in sets:
        yield "A HostedZone must contain exactly one SOA record."
    if (zone, "NS", "") not in sets:
        yield "A HostedZone must contain at least one NS record for the zone itself."


def _carry_out(sets: Sets, action: str, each: Element) -> None:
    if action == "DELETE":
        del sets[key_of(each)]
    else:
        sets[key_of(each)] = each


def _same(one: Element, other: Element) -> bool:
    """With the same TTL, values and whatever else there is, in any order."""
    return _leaves(one) == _leaves(other)


def _leaves(each: Element) -> list[tuple[str, str]]:
    return sorted((leaf.tag, (leaf.text or "").strip()) for leaf in each.iter() if not len(leaf))
