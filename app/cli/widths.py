"""The variables by which a person or a shell says how wide the terminal is: one that says nothing usable is none."""

from __future__ import annotations

import os

WIDTHS = ("COLUMNS", "TERMINAL_WIDTH")
LEAST_COLUMNS = 20


def drop_unusable_widths() -> None:
    """Forget what is no number, or too little for a word of help: the terminal is asked, or has eighty columns.

    Rich prints nothing at all in a width of 0, and Typer ends at one that is no number.
    """
    for name in WIDTHS:
        if name in os.environ and not _is_usable(os.environ[name]):
            del os.environ[name]


def _is_usable(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6 and int(text) >= LEAST_COLUMNS
