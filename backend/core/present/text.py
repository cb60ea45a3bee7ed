"""Words a person sees, through stdlib gettext: one domain, looked up at call time so that the language can change."""

from __future__ import annotations

import gettext as _gettext
import math
import re
from pathlib import Path

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

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _pseudo(msgid1 if n == 1 else msgid2)


class _Language:
    """The one language of this process."""

    def __init__(self) -> None:
        self.code = "en"
        self.translations: _gettext.NullTranslations = _gettext.NullTranslations()


_language = _Language()


def activate(language: str) -> None:
    """Speak ``language`` (``en``, ``de``, ``qps-ploc``) from now on; English where a catalogue is missing."""
    _language.code = language
    if language == PSEUDO:
        _language.translations = _Pseudo()
    else:
        _language.translations = _gettext.translation(DOMAIN, FOLDER, languages=[language], fallback=True)


def language() -> str:
    """The code of the language spoken now."""
    return _language.code


def _(message: str) -> str:
    """The words for ``message`` in the active language."""
    return _language.translations.gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """The words for ``n`` things."""
    return _language.translations.ngettext(one, many, n)


def N_(message: str) -> str:
    """Mark a message that is translated when it is shown."""
    return message


def _pseudo(message: str) -> str:
    """Accents on the words only: placeholders must still find their values."""
    parts = _PLACEHOLDER.split(message)
    spoken = "".join(part if part.startswith("{") else part.translate(_ACCENTS) for part in parts)
    padding = "~" * max(0, math.ceil(len(message) * LONGER) - len(OPENING + CLOSING))
    return f"{OPENING}{spoken}{padding}{CLOSING}"
