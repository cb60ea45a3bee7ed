"""MTA-STS policies, the file ``/.well-known/mta-sts.txt``: RFC 8461 3.2."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from backend.authrecords.txt import WHITE_SPACE, shown
from backend.authrecords.uris import is_address, is_domain
from backend.authrecords.verdict import Problem, RecordVerdict, error, judged, note, warning
from backend.core.present.text import _

KIND = "MTA-STS-POLICY"
RULE = "RFC 8461 3.2"
MODES = ("enforce", "testing", "none")
REQUIRED = ("version", "mode", "max_age")
MOST_BYTES = 64 * 1024
MOST_AGE_S = 31_557_600
#: Below it a policy hardly outlives an attack; the RFC expects weeks.
SHORT_AGE_S = 86_400

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_AGE = re.compile(r"[0-9]{1,10}")

Line = tuple[str, str]


def check_mta_sts_policy(text: str) -> RecordVerdict:
    """The verdict on the text of a policy; its lines end in CRLF or LF."""
    if len(text) > MOST_BYTES or len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        return judged(KIND, [error(_("The policy has more than 64 KB; senders may refuse it."), "RFC 8461 3.3")])
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if not lines[-1]:
        lines.pop()
    problems: list[Problem] = []
    fields: list[Line] = []
    for number, line in enumerate(lines, 1):
        name, colon, value = line.partition(":")
        if problem := _of_line(number, line, name, colon):
            problems.append(problem)
        else:
            fields.append((name, value.strip(WHITE_SPACE)))
    return judged(KIND, [*problems, *_of_fields(fields)])


def _of_line(number: int, line: str, name: str, colon: str) -> Problem | None:
    if not line.strip(WHITE_SPACE):
        return warning(_("Line {number} is empty; strict senders refuse the policy.").format(number=number), RULE)
    if _CONTROL.search(line):
        return error(_("Line {number} has a control character.").format(number=number), RULE)
    if not colon:
        return error(_("Line {number} is not “name: value”: it has no colon.").format(number=number), RULE)
    if not _NAME.fullmatch(name):
        words = _("Line {number}: “{name}” cannot be the name of a field, which has 1 to 32 letters, digits and “_-.”.")
        return error(words.format(number=number, name=shown(name)), RULE)
    return None


def _of_fields(fields: list[Line]) -> Iterator[Problem]:
    names = [name for name, _value in fields]
    for name in REQUIRED:
        if name not in names:
            yield error(_("The field {name} is missing.").format(name=name), RULE)
        elif names.count(name) > 1:
            yield error(_("The field {name} is there more than once; senders see the first.").format(name=name), RULE)
    if "version" in names and names[0] != "version":
        yield note(_("version is not the first field, as all examples have it."), RULE)
    for name, value in fields:
        yield from _CHECKS.get(name, _of_extension)(name, value)
    mode = dict(reversed(fields)).get("mode", "")
    if mode != "none":
        yield from _of_short_age(dict(reversed(fields)).get("max_age", ""))
    if mode in ("enforce", "testing") and "mx" not in names:
        words = _("In the mode {mode} the policy must name the mail servers, each after mx; it names none.")
        yield error(words.format(mode=mode), RULE)
    elif mode == "none":
        yield note(_("The mode none ends the policy: senders treat the domain as if it had none."), RULE)


def _of_version(_name: str, value: str) -> Iterator[Problem]:
    if value != "STSv1":
        yield error(_("The version must be STSv1, not “{value}”.").format(value=shown(value)), RULE)


def _of_mode(_name: str, value: str) -> Iterator[Problem]:
    if value not in MODES:
        words = _("“{value}” is not a mode: enforce, testing or none, in small letters.")
        yield error(words.format(value=shown(value)), RULE)


def _of_age(_name: str, value: str) -> Iterator[Problem]:
    if not _AGE.fullmatch(value):
        words = _("max_age must be a whole number of seconds, not “{value}”.")
        yield error(words.format(value=shown(value)), RULE)
    elif int(value) > MOST_AGE_S:
        words = _("max_age must be no more than {most} seconds, one year; it is {value}.")
        yield error(words.format(value=int(value), most=MOST_AGE_S), RULE)


def _of_short_age(value: str) -> Iterator[Problem]:
    if _AGE.fullmatch(value) and int(value) < SHORT_AGE_S:
        words = _("max_age is less than a day; a policy should hold for weeks, or it protects little.")
        yield warning(words, RULE)


def _of_mx(_name: str, value: str) -> Iterator[Problem]:
    domain = value.removeprefix("*.")
    if not value:
        yield error(_("mx is empty."), RULE)
        return
    if "*" in domain:
        words = _("“{value}”: a * may stand for the whole first label only, as in *.example.com.")
        yield error(words.format(value=shown(value)), "RFC 8461 4.1")
    elif not is_domain(domain):
        yield error(_("“{value}” cannot be the name of a mail server.").format(value=shown(value)), RULE)
    elif is_address(domain):
        words = _("“{value}” is an IP address, and MX records name hosts: no mail server can match it.")
        yield warning(words.format(value=value), "RFC 8461 4.1")


def _of_extension(name: str, value: str) -> Iterator[Problem]:
    if not value or "\t" in value:
        words = _("The field {name} is empty or has a tab in its value.")
        yield error(words.format(name=name), RULE)
    elif name.lower() in _CHECKS:
        words = _("Senders ignore the field {name}, because names of fields are in small letters: write {right}.")
        yield warning(words.format(name=name, right=name.lower()), RULE)
    else:
        yield note(_("Senders ignore the field {name}, which they do not know.").format(name=name), RULE)


_CHECKS: Mapping[str, Callable[[str, str], Iterator[Problem]]] = {
    "version": _of_version,
    "mode": _of_mode,
    "max_age": _of_age,
    "mx": _of_mx,
}
