"""Records of a version and fields, ``v=STSv1; name=value;``: one grammar for MTA-STS and TLS-RPT."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.authrecords.txt import WHITE_SPACE, joined_strings, shown
from backend.authrecords.verdict import Problem, error, note, warning
from backend.core.present.text import _

_FOREIGN = re.compile(r"[^\x20-\x7e\t]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_VALUE = re.compile(r"[!-:<>-~]+")


@dataclass(frozen=True)
class Fields:
    """The values of the one field that a kind has of its own, in their order, and what is wrong beside them."""

    values: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def is_missing(self) -> bool:
        """Whether the record could be read and says nothing under the field."""
        return not self.values and all(problem.severity != "error" for problem in self.problems)


def read_fields(text: str, *, version: str, field: str, rule: str) -> Fields:
    """What a record says under ``field``; where it is of no such ``version`` the rest is not looked at."""
    text = joined_strings(text)
    if found := _FOREIGN.search(text):
        words = _("The text has the character {code}; only ASCII is allowed.")
        return Fields((), (error(words.format(code=f"U+{ord(found.group()):04X}"), rule),))
    first, *parts = text.split(";")
    if first.rstrip(WHITE_SPACE) != f"v={version}":
        words = _("The record must begin with v={version}, in exactly these letters; receivers ignore any other one.")
        return Fields((), (error(words.format(version=version), rule),))
    problems = [*_of_beginning(first, version, rule)]
    if parts and not parts[-1].strip(WHITE_SPACE):
        parts.pop()
    elif parts and parts[-1][-1] in WHITE_SPACE:
        problems.append(note(_("There is whitespace at the end."), rule))
    split = [(part.strip(WHITE_SPACE), *part.strip(WHITE_SPACE).partition("=")) for part in parts]
    for part, name, equals, value in split:
        problems += _of_part(part, name, equals, rule)
        if name != field and equals and _NAME.fullmatch(name):
            problems += _of_extension(name, value, rule)
    return Fields(tuple(value for _part, name, equals, value in split if equals and name == field), tuple(problems))


def _of_beginning(first: str, version: str, rule: str) -> Iterator[Problem]:
    if first[-1] in WHITE_SPACE:
        words = _("There is whitespace before the first semicolon; some receivers look for “v={version};” only.")
        yield warning(words.format(version=version), rule)


def _of_part(part: str, name: str, equals: str, rule: str) -> Iterator[Problem]:
    if not part:
        yield error(_("There is nothing between two semicolons."), rule)
    elif not equals:
        yield error(_("“{part}” is not a field: it has no equals sign.").format(part=shown(part)), rule)
    elif not _NAME.fullmatch(name):
        words = _("“{name}” cannot be the name of a field: 1 to 32 letters, digits, hyphens, dots and underscores.")
        yield error(words.format(name=shown(name)), rule)


def _of_extension(name: str, value: str, rule: str) -> Iterator[Problem]:
    if not _VALUE.fullmatch(value):
        yield error(_("The value of {name}= is empty, or has a space or an equals sign.").format(name=name), rule)
    elif name == "v":
        yield error(_("The version is there more than once."), rule)
    else:
        yield note(_("Receivers ignore the field {name}=, which they do not know.").format(name=name), rule)
