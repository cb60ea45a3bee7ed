"""Hands on a keyboard: keys that the X server sends to the window in front, as from a person's desk."""

from __future__ import annotations

from tests.desktop.hands import Hands
from tests.desktop.screen_reader import FOCUSED, ScreenReader, Thing

MOST_TABS = 60


class Keyboard:
    """Types on ``display``; looks with a screen reader where the keyboard is."""

    def __init__(self, display: str, reader: ScreenReader) -> None:
        self._hands, self._reader = Hands(display), reader

    def press(self, *keys: str) -> None:
        """Keys by their X names: Return, Tab, ctrl+k, shift+Tab."""
        self._hands.do("key", "--clearmodifiers", "--delay", "30", *keys)

    def write(self, text: str) -> None:
        self._hands.do("type", "--clearmodifiers", "--delay", "8", text)

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

    def take(self, menu: Thing, wanted: str) -> None:
        """Go down through a menu that is open to the entry called so, and press it."""
        here, passed = None, []
        for _each in range(MOST_TABS):
            self.press("Down")
            here = self._reader.another(lambda: self._marked(menu), than=here)
            passed.append(self._reader.name(here))
            if passed[-1] == wanted:
                self.press("Return")
                return
        raise AssertionError(f"the menu has no {wanted}: {passed}")

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

    def _marked(self, menu: Thing) -> Thing | None:
        return next((each for each in self._reader.children(menu) if self._reader.state(each, FOCUSED)), None)
