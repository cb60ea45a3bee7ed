"""A text on a screen of its own, for a minute: neither the terminal nor what it scrolls back to has it afterwards."""

from __future__ import annotations

import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli.output import clean

if TYPE_CHECKING:
    from types import FrameType

SHOWN_S = 60.0
#: xterm control sequences, private mode 1049 and "erase display": some terminals keep what stood on the other screen
#: and show it to the next program that turns to it.
OWN_SCREEN, SCREEN_OF_BEFORE = "\x1b[?1049h\x1b[2J\x1b[H", "\x1b[2J\x1b[H\x1b[?1049l"


def show_for_a_while(value: str) -> None:
    """Until Enter, or for :data:`SHOWN_S`; Ctrl+C and SIGTERM end it too."""
    with _own_screen():
        _put(f"{clean(value)}\n\nHidden again in {SHOWN_S:.0f} s; Enter hides it now.\n")
        if sys.stdin.isatty():
            select.select([sys.stdin], [], [], SHOWN_S)
        else:
            time.sleep(SHOWN_S)


@contextmanager
def _own_screen() -> Iterator[None]:
    """Whatever ends the process meanwhile, the screen of before comes back; nothing stops it half-way."""

    def end(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    stop = getattr(signal, "SIGTSTP", None)  # Windows knows none
    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, end)}
    if stop is not None:
        before[stop] = signal.signal(stop, signal.SIG_IGN)
    try:
        _put(OWN_SCREEN)
        yield
    finally:
        _put(SCREEN_OF_BEFORE)
        for number, handler in before.items():
            signal.signal(number, handler)


def _put(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
