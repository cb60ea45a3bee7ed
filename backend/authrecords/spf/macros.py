"""Macros of SPF (RFC 7208 7): read from a term or an explanation, and expanded for one sender."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from backend.core.present.text import _

SYNTAX = "RFC 7208 7.1"
#: Letters for any text; those of a domain-spec are fewer (RFC 7208 7.2).
LETTERS = "slodiphcrtv"
LETTERS_OF_DOMAINS = "slodiphv"
LONGEST_NAME = 253

_MACRO = re.compile(r"%(?:\{(?P<letter>[A-Za-z])(?P<keep>\d*)(?P<turn>[rR]?)(?P<split>[-.+,/_=]*)\}|(?P<plain>[%_-]))")
_PLAIN = {"%": "%", "_": " ", "-": "%20"}
#: Whatever stands for %{...}, so that a name can be looked at by its plain characters.
_ANY = "\0"


class BadSyntax(ValueError):
    """The text breaks a rule of the grammar; ``text`` is a sentence, ``rule`` its source."""

    def __init__(self, text: str, rule: str = SYNTAX) -> None:
        super().__init__(text)
        self.text = text
        self.rule = rule


@dataclass(frozen=True)
class Macro:
    """``keep``: so many parts from the right, 0 for all. ``split`` holds the characters between parts."""

    letter: str
    keep: int = 0
    is_turned: bool = False
    split: str = ""
    is_url: bool = False

    def expanded(self, value: str) -> str:
        """RFC 7208 7.3: split, turn round, keep the right-hand parts, join by dots, escape for a URL."""
        if self.keep or self.is_turned or self.split:
            parts = re.split(f"[{re.escape(self.split or '.')}]", value)
            if self.is_turned:
                parts.reverse()
            value = ".".join(parts[-self.keep :])
        return quote(value, safe="") if self.is_url else value


@dataclass(frozen=True)
class MacroText:
    """Plain text and macros in their order."""

    parts: tuple[str | Macro, ...]

    @property
    def letters(self) -> frozenset[str]:
        return frozenset(part.letter for part in self.parts if isinstance(part, Macro))

    def expanded(self, values: Mapping[str, str] | Callable[[str], str]) -> str:
        """``values`` gives what each letter stands for."""
        value = values if callable(values) else values.__getitem__
        return "".join(part.expanded(value(part.letter)) if isinstance(part, Macro) else part for part in self.parts)


def parsed_text(text: str, letters: str = LETTERS) -> MacroText:
    """The macros in ``text``; of its plain characters nothing is asked.

    :raises BadSyntax: a ``%`` that begins no macro, or a letter that is none of ``letters``.
    """
    parts: list[str | Macro] = []
    end = 0
    while (begin := text.find("%", end)) >= 0:
        found = _MACRO.match(text, begin)
        if found is None:
            raise BadSyntax(_("“{text}” is no macro.").format(text=text[begin : begin + 8]))
        parts += [text[end:begin], _PLAIN[found["plain"]] if found["plain"] else _macro(found, letters)]
        end = found.end()
    return MacroText(tuple(part for part in (*parts, text[end:]) if part != ""))


def parsed_domain(text: str) -> MacroText:
    """The domain-spec in ``text``: macros, and at its end one of these or a dot and a label that is no number.

    :raises BadSyntax: it is none.
    """
    parsed = parsed_text(text, LETTERS_OF_DOMAINS)
    if not text:
        raise BadSyntax(_("A domain is missing."))
    skeleton = _MACRO.sub(_ANY, text)
    if skeleton.endswith(_ANY):
        return parsed
    _before, dot, label = skeleton.removesuffix(".").rpartition(".")
    if not dot or not is_top_label(label):
        raise BadSyntax(_("“{text}” does not end like the name of a domain.").format(text=text))
    return parsed


def is_top_label(label: str) -> bool:
    """Letters, digits and inner hyphens, not digits alone (toplabel of RFC 7208 7.1)."""
    return re.fullmatch(r"(?!\d+$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", label) is not None


def shortened(name: str) -> str:
    """Labels go from the left until at most 253 characters are left (RFC 7208 7.3); a final dot goes, too."""
    name = name.removesuffix(".")
    while len(name) > LONGEST_NAME and "." in name:
        name = name.partition(".")[2]
    return name


def _macro(found: re.Match[str], letters: str) -> Macro:
    letter = found["letter"].lower()
    what = found.group()
    if letter not in LETTERS:
        raise BadSyntax(_("“{text}”: there is no macro of this letter.").format(text=what), "RFC 7208 7.2")
    if letter not in letters:
        raise BadSyntax(_("“{text}” has a meaning in explanations only.").format(text=what), "RFC 7208 7.2")
    keep = found["keep"].lstrip("0")
    if found["keep"] and not keep:
        raise BadSyntax(_("“{text}” keeps no part: the number must not be 0.").format(text=what), "RFC 7208 7.3")
    # No value has more parts than a thousand, and no number of a record is too long to read.
    return Macro(letter, int(keep[:4] or 0), bool(found["turn"]), found["split"], found["letter"].isupper())
