"""What reading an answer of another program can raise, whatever that program says."""

from __future__ import annotations

from typing import Final

#: Odd text, a missing or another kind of value, and more levels than Python goes down.
UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
