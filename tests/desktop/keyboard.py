"""Hands on a keyboard: keys that the X server sends to the window in front, as from a person's desk."""

from __future__ import annotations

import os
import subprocess

from tests.desktop.screen_reader import ScreenReader, Thing

MOST_TABS = 60


class Keyboard:
    """Types on ``display``; looks with a screen reader where the keyboard is."""

    def __init__(self, display: str, reader: ScreenReader) -> None:
        self._surroundings = {**os.environ, "DISPLAY": display}
        self._reader = reader

    def press(self, *keys: str) -> None:
        """Keys by their X names: Return, Tab, ctrl+k, shift+Tab."""
        self._call("key", "--clearmodifiers", "--delay", "30", *keys)

    def write(self, text: str) -> None:
        self._call("type", "--clearmodifiers", "--delay", "8", text)

    def tab_to(self, *wanted: str) -> Thing:
        """Tab until something called so has the keyboard: who cannot be reached so fails the test."""
        passed = []
        for _each in range(MOST_TABS):
            thing = self._reader.focused()
            called = self._reader.called(thing) if thing is not None else ""
            if thing is not None and called in wanted:
                return thing
            passed.append(called)
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {wanted}: {passed}")

    def fill(self, label: str, text: str) -> None:
        """Go to a field and replace what it holds."""
        self.tab_to(label)
        self.press("ctrl+a")
        self.write(text)

    def choose(self, label: str, text: str) -> None:
        """Go to a box and type the beginning of what is wanted; on Linux a box bears the name of what it shows."""
        box = self.tab_to(label)
        self.write(text)
        self._reader.wait(lambda: self._reader.name(box).startswith(text), f"{text} in {label}")

    def _call(self, *words: str) -> None:
        done = subprocess.run(["xdotool", *words], env=self._surroundings, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
