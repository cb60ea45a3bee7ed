"""CAA records as zone files write them, ``0 issue "ca.example"``: RFC 8659 4, with the parameters of RFC 8657."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from backend.authrecords.issuing import issue_problems
from backend.authrecords.txt import WHITE_SPACE, is_one_string, judged_text, shown, unquoted
from backend.authrecords.uris import is_domain, is_mailto, scheme, web_host
from backend.authrecords.verdict import Problem, RecordVerdict, error, note, warning
from backend.core.present.text import _

RULE = "RFC 8659 4.1"
RULE_OF_FORM = "RFC 8659 4.1.1"
RULE_OF_REPORTS = "RFC 8659 4.4"
RULE_OF_CONTACTS = "CA/Browser Forum BR A.1"
CRITICAL, MOST_FLAGS = 128, 255
MOST_OF_TAG = 255

_WHITE = re.compile(r"[ \t]+")
_FLAGS = re.compile(r"[0-9]{1,3}")
_TAG = re.compile(r"[A-Za-z0-9]+")
_PHONE = re.compile(r"\+[0-9(). -]+")
_BLANK = re.compile(r"\s|[\x00-\x1f\x7f\ud800-\udfff]")


def check_caa(text: str) -> RecordVerdict:
    """The verdict on one record, its flags, tag and value, or on all of a name, a line each."""
    return judged_text("CAA", text, _of_all)


def _of_all(text: str) -> Iterable[Problem]:
    """Blank lines say nothing; where there are several records problems name the line."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip(" \t\r")]
    if len(lines) < 2:
        yield from _problems(text)
        return
    for number, line in lines:
        for each in _problems(line):
            told = _("Line {number}: {problem}").format(number=number, problem=each.text)
            yield replace(each, text=told)


def _problems(text: str) -> Iterable[Problem]:
    parts = _WHITE.split(text.strip(" \t\r\n"), maxsplit=2)
    if len(parts) < 3:
        yield error(_('A CAA record has three parts: flags, tag and value, as in 0 issue "ca.example".'), RULE_OF_FORM)
        return
    flags, tag, written = parts
    yield from _of_flags(flags)
    if not _TAG.fullmatch(tag) or len(tag) > MOST_OF_TAG:
        words = _("“{tag}” cannot be a tag, which has letters and digits only.")
        yield error(words.format(tag=shown(tag)), RULE)
        return
    yield from _of_form(written)
    value = unquoted(written) if is_one_string(written) else written
    check = _CHECKS.get(tag.lower())
    if check is None:
        yield from _of_unknown(tag, is_critical=flags.isdecimal() and bool(int(flags[:9]) & CRITICAL))
    else:
        if tag != tag.lower():
            yield note(_("The tag is usually written in small letters; authorities read it in any."), RULE)
        yield from check(value)


def _of_flags(flags: str) -> Iterator[Problem]:
    if not _FLAGS.fullmatch(flags) or int(flags) > MOST_FLAGS:
        yield error(_("The flags are a number from 0 to 255, not “{flags}”.").format(flags=shown(flags)), RULE)
    elif int(flags) & ~CRITICAL:
        words = _("Of the flags only 128, critical, has a meaning; {flags} has bits that authorities ignore.")
        yield warning(words.format(flags=flags), RULE)


def _of_form(written: str) -> Iterator[Problem]:
    if is_one_string(written):
        return
    if '"' in written:
        yield error(_("The value must be one text in quotes: a quote is missing or too many."), RULE_OF_FORM)
    elif any(each in written for each in " \t;"):
        words = _("A value with spaces or semicolons needs quotes: in a zone file a semicolon begins a comment.")
        yield warning(words, RULE_OF_FORM)


def _of_unknown(tag: str, *, is_critical: bool) -> Iterator[Problem]:
    if is_critical:
        words = _("The tag {tag} is unknown and critical: an authority that does not know it issues no certificate.")
        yield warning(words.format(tag=shown(tag)), "RFC 8659 4.5")
    else:
        words = _("The tag {tag} is unknown: authorities ignore it.")
        yield warning(words.format(tag=shown(tag)), RULE)


def _of_issue(value: str) -> Iterator[Problem]:
    yield from issue_problems(value, "RFC 8659 4.2")


def _of_wildcards(value: str) -> Iterator[Problem]:
    yield from issue_problems(value, "RFC 8659 4.3")


def _of_mail(value: str) -> Iterator[Problem]:
    yield from issue_problems(value, "RFC 9495 3")


def _of_marks(value: str) -> Iterator[Problem]:
    yield from issue_problems(value, "BIMI VMC requirements")


def _of_reports(value: str) -> Iterator[Problem]:
    is_good = is_mailto(value) if scheme(value) == "mailto" else web_host(value)
    if scheme(value) not in ("mailto", "http", "https"):
        words = _("iodef must be an address that begins with mailto:, https: or http:, not “{value}”.")
        yield error(words.format(value=shown(value)), RULE_OF_REPORTS)
    elif not is_good:
        words = _("“{value}” is not an address that reports can be sent to.")
        yield error(words.format(value=shown(value)), RULE_OF_REPORTS)


def _of_email(value: str) -> Iterator[Problem]:
    local_part, _at, domain = value.rpartition("@")
    if not local_part or _BLANK.search(local_part) or "@" in local_part or not is_domain(domain):
        yield error(_("“{value}” is not a mail address.").format(value=shown(value)), RULE_OF_CONTACTS)


def _of_phone(value: str) -> Iterator[Problem]:
    if not _PHONE.fullmatch(value.strip(WHITE_SPACE)) or not any(each.isdigit() for each in value):
        words = _("“{value}” is not a phone number with its country, as in +1 555 0100.")
        yield error(words.format(value=shown(value)), RULE_OF_CONTACTS)


_CHECKS: Mapping[str, Callable[[str], Iterator[Problem]]] = {
    "issue": _of_issue,
    "issuewild": _of_wildcards,
    "issuemail": _of_mail,
    "issuevmc": _of_marks,
    "iodef": _of_reports,
    "contactemail": _of_email,
    "contactphone": _of_phone,
}
