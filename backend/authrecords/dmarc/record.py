"""A DMARC record: what it says under each of the two texts, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from backend.authrecords.dmarc import values
from backend.authrecords.dmarc.tags import TagList, tag_list
from backend.authrecords.dmarc.values import Policy
from backend.authrecords.txt import joined_strings
from backend.authrecords.verdict import Problem, RecordVerdict, judged
from backend.core.present.text import _

#: The texts that a receiver may follow: RFC 7489 of 2015, or RFC 9989 that took its place.
Ruleset = Literal["7489", "9989"]

RULESETS: tuple[Ruleset, ...] = ("7489", "9989")
_FORMAT = "RFC 7489 6.3, RFC 9989 4.7"
_GRAMMAR = "RFC 7489 6.4, RFC 9989 4.8"
_DISCOVERY = "RFC 7489 6.6.3, RFC 9989 4.10.1"


@dataclass(frozen=True)
class DmarcRecord:
    """What a receiver takes from a record; what is wrong in a tag counts as if the tag were missing (RFC 9989 4.7).

    ``policy``, ``subdomain_policy`` and ``missing_policy`` are those of ``p``, ``sp`` and ``np``. None of the first
    means that the record asks for nothing that could be applied. ``percentage`` belongs to RFC 7489; ``psd`` and
    ``is_test`` to RFC 9989. ``is_broken``: a tag is there twice, so that no part of it counts.
    """

    text: str
    policy: Policy | None
    subdomain_policy: Policy | None = None
    missing_policy: Policy | None = None
    is_dkim_strict: bool = False
    is_spf_strict: bool = False
    percentage: int = 100
    psd: Literal["y", "n", "u"] = "u"
    is_test: bool = False
    is_broken: bool = False


def parsed(text: str, ruleset: Ruleset) -> DmarcRecord | None:
    """The record; None where the text does not begin with DMARC's version."""
    tags = tag_list(text)
    if tags is None:
        return None
    if tags.repeated:
        return DmarcRecord(text, None, is_broken=True)
    record = DmarcRecord(
        text,
        *_policies(tags, ruleset),
        is_dkim_strict=_flag(tags, "adkim") == "s",
        is_spf_strict=_flag(tags, "aspf") == "s",
    )
    if ruleset == "7489":
        share = values.percentage(tags.value("pct"))
        return replace(record, percentage=100 if share is None else share)
    psd = _flag(tags, "psd")
    return replace(record, psd="y" if psd == "y" else "n" if psd == "n" else "u", is_test=_flag(tags, "t") == "y")


def check_dmarc(text: str, ruleset: Ruleset | None = None) -> RecordVerdict:
    """What is wrong with this record for receivers of one of the texts, or of both: mail meets either kind, so without
    a ``ruleset`` a record is valid where both take it, and problems say where they will differ."""
    text = joined_strings(text)
    rulesets = RULESETS if ruleset is None else (ruleset,)
    tags = tag_list(text)
    if tags is None:
        return judged("DMARC", [_no_record(text)])
    problems = [problem for each in rulesets for problem in _problems(tags, each)]
    return judged("DMARC", dict.fromkeys(problems))


def _flag(tags: TagList, name: str) -> str:
    return (tags.value(name) or "").lower()


def _policies(tags: TagList, ruleset: Ruleset) -> tuple[Policy | None, Policy | None, Policy | None]:
    """``p``, ``sp`` and ``np``; p=none alone where a report is all that is asked for."""
    if _is_reporting_alone(tags, ruleset):
        return ("none" if values.report_addresses(tags.value("rua")) else None), None, None
    missing = values.policy(tags.value("np")) if "np" in _policy_tags(ruleset) else None
    return values.policy(tags.value("p")), values.policy(tags.value("sp")), missing


def _policy_tags(ruleset: Ruleset) -> tuple[str, ...]:
    return ("p", "sp") if ruleset == "7489" else ("p", "sp", "np")


def _is_reporting_alone(tags: TagList, ruleset: Ruleset) -> bool:
    """Whether the policy is missing, or any of its tags is wrong: then the reports alone count."""
    wished = {name: tags.value(name) for name in _policy_tags(ruleset)}
    return any(values.policy(value) is None and (value is not None or name == "p") for name, value in wished.items())


def _no_record(text: str) -> Problem:
    if text.lower().startswith("v=spf1"):
        return Problem("error", _("This is an SPF record: it belongs at the domain itself, not at _dmarc."), _FORMAT)
    return Problem(
        "error", _("The text does not begin with v=DMARC1: receivers do not take it for a DMARC record."), _FORMAT
    )


def _problems(tags: TagList, ruleset: Ruleset) -> Iterator[Problem]:
    yield from _faults_of_form(tags, ruleset)
    yield from _faults_of_values(tags, ruleset)
    yield from _faults_of_policy(tags, ruleset)
    yield from _differences(tags)
    yield from _advice(tags)


def _faults_of_form(tags: TagList, ruleset: Ruleset) -> Iterator[Problem]:
    if ruleset == "7489" and not tags.has_semicolon:
        yield Problem("error", _("A semicolon is missing behind v=DMARC1."), "RFC 7489 6.4")
    for piece in tags.faults:
        words = _("{piece} is no tag with a value.") if piece else _("There is no tag between two semicolons.")
        yield Problem("error", words.format(piece=piece), _GRAMMAR)
    for name in tags.repeated:
        words = _("The tag {tag} stands there more than once, so the whole record does not count.")
        yield Problem("error", words.format(tag=name), "RFC 6376 3.2")
    if ruleset == "7489" and tags.value("p") is not None and tags.tags[0].name != "p":
        words = _("p is not the first tag behind the version: receivers that follow RFC 7489 may refuse the record.")
        yield Problem("error", words, "RFC 7489 6.3")


def _faults_of_values(tags: TagList, ruleset: Ruleset) -> Iterator[Problem]:
    """Of a policy only where nothing makes up for it (see ``_faults_of_policy``)."""
    of_its_time, rule = (values.OLD, "RFC 7489 6.3") if ruleset == "7489" else (values.NEW, "RFC 9989 4.7")
    for tag in tags.tags:
        is_valid = values.SHARED.get(tag.name) or of_its_time.get(tag.name)
        if is_valid is None or is_valid(tag.value) or tag.name in _policy_tags(ruleset):
            continue
        words = _("{tag}={value} is not allowed.").format(tag=tag.name, value=tag.value)
        yield Problem("error", words, _FORMAT if tag.name in values.SHARED else rule)


def _faults_of_policy(tags: TagList, ruleset: Ruleset) -> Iterator[Problem]:
    if not _is_reporting_alone(tags, ruleset):
        return
    wrong = [(tag.name, tag.value) for tag in tags.tags if tag.name in _policy_tags(ruleset)]
    wrong = [(name, value) for name, value in wrong if values.policy(value) is None]
    if tags.value("p") is None:
        what = _("There is no policy (p).")
    else:
        what = _("{tag}={value} is not allowed.").format(tag=wrong[0][0], value=wrong[0][1])
    if values.report_addresses(tags.value("rua")):
        words = _("{what} Receivers take it for p=none, because reports are asked for.")
        yield Problem("warning", words.format(what=what), _DISCOVERY)
    else:
        words = _("{what} Receivers will not apply the record.")
        yield Problem("error", words.format(what=what), _DISCOVERY)


def _differences(tags: TagList) -> Iterator[Problem]:
    """Where the two kinds of receivers part; told to both."""
    yield from _old_tags(tags)
    yield from _new_tags(tags)
    known = {*values.SHARED, *values.OLD, *values.NEW, "v"}
    for tag in tags.tags:
        if tag.name not in known:
            yield Problem("note", _("Receivers do not know the tag {tag}.").format(tag=tag.name), _FORMAT)
    if any(values.has_size(tags.value(name) or "") for name in ("rua", "ruf")):
        words = _("Receivers that follow RFC 9989 ignore the largest size behind an address.")
        yield Problem("warning", words, "RFC 9989 4.8")


def _old_tags(tags: TagList) -> Iterator[Problem]:
    rule = "RFC 9989 A.6"
    share = values.percentage(tags.value("pct"))
    if share is not None and share < 100:
        words = _("RFC 9989 has no pct: its receivers apply the policy to all mail, those of RFC 7489 to {share} %.")
        yield Problem("warning", words.format(share=share), rule)
    for name in ("pct", "rf", "ri"):
        if tags.value(name) is not None and (name != "pct" or share is None or share == 100):
            yield Problem("note", _("RFC 9989 has no {tag}: its receivers ignore it.").format(tag=name), rule)


def _new_tags(tags: TagList) -> Iterator[Problem]:
    rule = "RFC 9989 4.7"
    if _flag(tags, "t") == "y":
        words = _("t=y lowers the policy by one step for receivers that follow RFC 9989; others apply it in full.")
        yield Problem("warning", words, rule)
    if tags.value("np") is not None:
        words = _("Receivers that follow RFC 7489 do not know np, and apply sp or p to names that do not exist.")
        yield Problem("note", words, rule)
    if _flag(tags, "psd") in ("y", "n"):
        words = _("Receivers that follow RFC 7489 do not know psd: they ask the public suffix list instead.")
        yield Problem("note", words, rule)


def _advice(tags: TagList) -> Iterator[Problem]:
    wished = values.policy(tags.value("p"))
    if wished == "none":
        yield Problem("note", _("p=none asks for reports alone: forged mail is delivered as before."), _FORMAT)
    weaker = values.policy(tags.value("sp"))
    if wished and weaker and values.POLICIES.index(weaker) < values.POLICIES.index(wished):
        words = _("Subdomains have a weaker policy ({weaker}) than the domain itself ({policy}).")
        yield Problem("warning", words.format(weaker=weaker, policy=wished), _FORMAT)
    if not values.report_addresses(tags.value("rua")):
        yield Problem("note", _("Nobody gets aggregate reports: there is no rua."), _FORMAT)
    if tags.value("fo") is not None and tags.value("ruf") is None:
        yield Problem("note", _("fo says nothing without ruf."), _FORMAT)
