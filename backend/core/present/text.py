"""Words a person sees, through stdlib gettext: one domain, looked up at call time so that the language can change."""

from __future__ import annotations

import gettext as _gettext
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any

DOMAIN = "mailyard"
FOLDER = Path(__file__).parents[3] / "resources" / "translations"
PSEUDO = "qps-ploc"

OPENING, CLOSING = "[!! ", " !!]"
LONGER = 0.3

_ACCENTS = str.maketrans("aceghilnorstuyzACEGHILNORSTUYZ", "áćéğĥíłñóřšťúýžÁĆÉĞĤÍŁÑÓŘŠŤÚÝŽ")
_PLACEHOLDER = re.compile(r"(\{[^}]*\})")


class _Pseudo(_gettext.NullTranslations):
    """English with accents, a third longer and marked: what shows no mark was never translated."""

    def gettext(self, message: str) -> str:
        return _pseudo(message) if message else message

    def pgettext(self, _context: str, message: str) -> str:
        return _pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _pseudo(msgid1 if n == 1 else msgid2)


class _Language:
    """The one language of this process."""

    def __init__(self) -> None:
        self.code = "en"
        self.translations: _gettext.NullTranslations = _gettext.NullTranslations()


_language = _Language()
#: The language of a text for somebody else, where one is being made.
_here: ContextVar[_Language | None] = ContextVar("language", default=None)


def activate(language: str) -> None:
    """Speak ``language`` (``en``, ``de``, ``qps-ploc``) from now on; English where a catalogue is missing."""
    _learn(_language, language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak another language within, in this thread alone: what is made there goes to somebody who speaks it."""
    other = _Language()
    _learn(other, language)
    token = _here.set(other)
    try:
        yield
    finally:
        _here.reset(token)


def again(text: str) -> str:
    """``text`` in the language spoken now, where it is words that can be said again."""
    return text.again() if isinstance(text, Words) else text


def language() -> str:
    """The code of the language spoken now."""
    return (_here.get() or _language).code


class Words(str):
    """Words in the language that was spoken when they were made, which can be said :meth:`again` in another one.

    They are text like any other; what is put together of them otherwise than by ``format`` is text alone. ``many`` and
    ``n`` are of a plural, ``context`` is a short one's; ``values`` None: they have not been formatted. ``at`` is the
    moment that they tell in short (*3 min ago*), see :func:`moments_in`; it is not kept.
    """

    __slots__ = ("at", "context", "many", "msgid", "n", "values")
    at: datetime | None
    msgid: str
    many: str
    n: int
    context: str
    values: Mapping[str, Any] | None

    def format(self, *places: object, **values: object) -> str:
        """With the values for its placeholders, which it keeps."""
        text = super().format(*places, **values)
        return text if places else _words(text, self.msgid, self.many, self.n, self.context, values=values)

    def again(self) -> Words:
        """The same in the language spoken now, and so what is in it."""
        said = _said(self.msgid, self.many, self.n, self.context)
        if self.values is None:
            return said
        values = {name: each.again() if isinstance(each, Words) else each for name, each in self.values.items()}
        return _words(str.format(said, **values), self.msgid, self.many, self.n, self.context, values=values)


def _(message: str) -> str:
    """The words for ``message`` in the active language."""
    return _words((_here.get() or _language).translations.gettext(message), message)


def pgettext(context: str, message: str) -> str:
    """The words for a short ``message`` that means more than one thing in English; ``context`` says which."""
    return _said(message, context=context)


def ngettext(one: str, many: str, n: int) -> str:
    """The words for ``n`` things."""
    return _said(one, many, n)


def remade(msgid: str, values: Mapping[str, Any] | None, *, many: str = "", count: int = 0, context: str = "") -> Words:
    """Words from what they were made of, in the language spoken now."""
    return _words("", msgid, many, count, context, values=values).again()


def both(first: str, second: str) -> str:
    """Two sentences one after the other; one where the other is empty."""
    return _("{first} {second}").format(first=first, second=second) if first and second else first or second


def joined(parts: Iterable[str], between: str) -> str:
    """Parts one after the other, without those that are empty; what they know of themselves is not lost."""
    values = {f"part_{at}": part for at, part in enumerate(filter(None, parts))}
    form = between.join(f"{{{name}}}" for name in values)
    return _words(form, form).format(**values) if values else ""


def made(text: str, form: str, values: Mapping[str, Any] | None) -> Words:
    """Words whose ``text`` is made already, from what ``form`` and its ``values`` are in the language spoken now."""
    words = Words(text)
    words.msgid, words.values = form, values
    words.many = words.context = ""
    words.n, words.at = 0, None
    return words


def telling(words: str, at: datetime) -> str:
    """The same words, which now know the moment that they tell in short."""
    told = words if isinstance(words, Words) else _words(words, "{words}", values={"words": words})
    told.at = at
    return told


def moments_in(text: str) -> tuple[datetime, ...]:
    """The moments that are told in short somewhere in a text, each once."""
    return tuple(dict.fromkeys(_moments(text)))


def _learn(spoken: _Language, code: str) -> None:
    spoken.code = code
    if code == PSEUDO:
        spoken.translations = _Pseudo()
    else:
        spoken.translations = _gettext.translation(DOMAIN, FOLDER, languages=[code], fallback=True)


def _moments(text: object) -> Iterator[datetime]:
    if not isinstance(text, Words):
        return
    if text.at is not None:
        yield text.at
        return
    for value in (text.values or {}).values():
        yield from _moments(value)


def _said(msgid: str, many: str = "", count: int = 0, context: str = "") -> Words:
    found = (_here.get() or _language).translations
    if many:
        text = found.ngettext(msgid, many, count)
    else:
        text = found.pgettext(context, msgid) if context else found.gettext(msgid)
    return _words(text, msgid, many, count, context)


def _words(
    text: str,
    msgid: str,
    many: str = "",
    count: int = 0,
    context: str = "",
    *,
    values: Mapping[str, Any] | None = None,
) -> Words:
    words = made(text, msgid, values)
    words.many, words.n, words.context = many, count, context
    return words


def N_(message: str) -> str:
    """Mark a message that is translated when it is shown."""
    return message


def _pseudo(message: str) -> str:
    """Accents on the words only: placeholders must still find their values. Where there is nothing else, their words
    are marked already, and figures have none."""
    parts = _PLACEHOLDER.split(message)
    if not any(character.isalpha() for part in parts[::2] for character in part):
        return message
    spoken = "".join(part if part.startswith("{") else part.translate(_ACCENTS) for part in parts)
    padding = "~" * max(0, math.ceil(len(message) * LONGER) - len(OPENING + CLOSING))
    return f"{OPENING}{spoken}{padding}{CLOSING}"
