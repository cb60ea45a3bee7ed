"""Text of others as one harmless line: names, notes and error messages come from servers and providers."""

from __future__ import annotations

import unicodedata


def plain_line(text: str) -> str:
    """``text`` with whatever could steer a terminal, turn the direction of writing or begin a new line written out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if _is_harmless(each) else _written_out(each) for each in text)


def plain_lines(text: str) -> str:
    """The same for each line of a text; its line breaks stay."""
    return "\n".join(map(plain_line, text.split("\n")))


def _is_harmless(character: str) -> bool:
    """Not of the control, format (which turn the writing direction), surrogate, or line-breaking kinds."""
    kind = unicodedata.category(character)
    return kind[0] != "C" and kind not in ("Zl", "Zp")


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
