"""Lists of tags, ``name=value;``, as RFC 6376 3.2 writes them down for DKIM; BIMI has them from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.authrecords.txt import WHITE_SPACE, joined_strings, shown
from backend.authrecords.verdict import Problem, error, note, warning
from backend.core.present.text import _

RULE = "RFC 6376 3.2"

_FOLD = re.compile(r"\r\n(?=[ \t])")
_FOREIGN = re.compile(r"[^\x20-\x7e\t]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class TagList:
    """The tags in their order, values without the whitespace around them, and what is wrong with the list itself."""

    tags: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]

    def value(self, name: str) -> str | None:
        """The value of a tag; of one that is there twice the first, None where it is not there."""
        return next((value for each, value in self.tags if each == name), None)

    @property
    def first(self) -> str:
        """The name of the first tag."""
        return self.tags[0][0] if self.tags else ""


def read_tags(text: str, *, may_end_in_space: bool = False) -> TagList:
    """The tags of a record. ``may_end_in_space``: whitespace may follow the last semicolon, as it may not in DKIM."""
    whole = _FOLD.sub("", joined_strings(text))
    if found := _FOREIGN.search(whole):
        return TagList((), (_foreign(found.group()),))
    if not whole.strip(WHITE_SPACE):
        return TagList((), (error(_("The record is empty."), RULE),))
    parts = whole.split(";")
    if len(parts) > 1 and not (parts[-1].strip(WHITE_SPACE) if may_end_in_space else parts[-1]):
        parts.pop()
    tags: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for at, part in enumerate(parts):
        name, equals, value = (each.strip(WHITE_SPACE) for each in part.partition("="))
        if not equals or not _NAME.fullmatch(name):
            problems.append(_no_tag(part, name, equals, is_last=at == len(parts) - 1))
        else:
            tags.append((name, value))
    return TagList(tuple(tags), (*problems, *_twice(tags)))


def unknown_tags(listed: TagList, known: frozenset[str], rule: str) -> Iterator[Problem]:
    """Tags that receivers ignore; one that is known but for its letters is most likely not meant so."""
    for name, _value in listed.tags:
        if name in known:
            continue
        if name.lower() in known:
            words = _("Receivers ignore {name}=, because the names of tags are in small letters: write {right}=.")
            yield warning(words.format(name=name, right=name.lower()), rule)
        else:
            yield note(_("Receivers ignore the tag {name}=, which they do not know.").format(name=shown(name)), rule)


def _foreign(character: str) -> Problem:
    if character in "\r\n":
        return error(_("The text has a line break, which a record cannot have."), RULE)
    code = f"U+{ord(character):04X}"
    return error(_("The text has the character {code}; only ASCII is allowed.").format(code=code), RULE)


def _no_tag(part: str, name: str, equals: str, *, is_last: bool) -> Problem:
    if not part:
        words = _("There is nothing between two semicolons; strict receivers ignore the record.")
        return (error if is_last else warning)(words, RULE)
    if not part.strip(WHITE_SPACE):
        words = _("There is nothing but whitespace between two semicolons or after the last one.")
        return error(words, RULE)
    if not equals:
        return error(_("“{part}” is not a tag: it has no equals sign.").format(part=shown(name)), RULE)
    return error(_("“{name}” cannot be the name of a tag.").format(name=shown(name)), RULE)


def _twice(tags: list[tuple[str, str]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for name, _value in tags:
        if name in seen:
            words = _("The tag {name}= is there more than once; receivers ignore the record.")
            yield error(words.format(name=shown(name)), RULE)
        seen.add(name)
