"""A hand on a mouse: clicks on what lies there on the screen, each of them written down."""

from __future__ import annotations

from tests.desktop.hands import Hands
from tests.desktop.screen_reader import ScreenReader, Thing

MOST_TURNS, WHEEL_DOWN = 30, "5"


class Mouse:
    """Moves on ``display``; where things are a screen reader tells. ``clicks`` holds what was clicked, in order."""

    def __init__(self, display: str, reader: ScreenReader) -> None:
        self._hands, self._reader = Hands(display), reader
        self.clicks: list[str] = []

    def click(self, thing: Thing, told: str = "") -> None:
        """Once, with the left button; ``told`` is what is written down, its name where there is none."""
        self.clicks.append(told or self._reader.name(thing))
        left, top, width, height = self._reader.place(thing)
        self._hands.do("mousemove", "--sync", f"{left + width // 2}", f"{top + height // 2}", "click", "1")

    def scroll_to(self, thing: Thing, *, within: Thing) -> None:
        """Turn the wheel over a list until the whole of a thing in it is in sight."""
        left, top, width, height = self._reader.place(within)
        upper = high = 0

        def has_moved() -> bool:
            return self._reader.place(thing)[1] < upper

        for _each in range(MOST_TURNS):
            _left, upper, _width, high = self._reader.place(thing)
            if upper + high <= top + height:
                return
            self._hands.do("mousemove", "--sync", f"{left + width // 2}", f"{top + height // 2}", "click", WHEEL_DOWN)
            self._reader.wait(has_moved, "the list to scroll")
        raise AssertionError(f"the wheel brings {self._reader.name(thing)} not into sight")

    def take_clicks(self) -> list[str]:
        """What was clicked since the last call."""
        taken, self.clicks = self.clicks, []
        return taken

    def rest(self, thing: Thing, share: float) -> int:
        """Without a click over a thing, at a share of its width; where that is, in pixels from the screen's left."""
        left, top, width, height = self._reader.place(thing)
        across = left + round(width * share)
        self._hands.do("mousemove", "--sync", f"{across}", f"{top + height // 2}")
        return across
