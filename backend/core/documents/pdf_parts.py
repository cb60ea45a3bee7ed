"""What reportlab lacks: values that are copied exactly, and pages that know how many there are."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

#: Names within the file; Inter as outlines that a PDF can carry, see decision 0077.
PLAIN, STRONG, MONO = "Inter", "Inter-SemiBold", "JetBrainsMono"
FONTS = {
    PLAIN: "print/Inter-Regular.ttf",
    STRONG: "print/Inter-SemiBold.ttf",
    MONO: "JetBrainsMono-Regular.ttf",
}
CODE_SIZE, CODE_LEADING = 8.2, 11.4
INK, GREY, LINE, SHADE = HexColor(0x1B1F24), HexColor(0x57606A), HexColor(0xD8DEE4), HexColor(0xF4F6F8)
WARNING, WARNING_SHADE = HexColor(0xB35900), HexColor(0xFFF6E9)
MARGIN = 18 * mm
SIZE_OF_FOOT = 8


@lru_cache(maxsize=1)
def load_fonts() -> dict[str, TTFont]:
    """The fonts of every document: read once, a subset of them goes into each file."""
    loaded = {}
    for name, path in FONTS.items():
        data = (files("resources") / "fonts" / path).read_bytes()
        loaded[name] = TTFont(name, BytesIO(data))
        pdfmetrics.registerFont(loaded[name])
    return loaded


def drawable(text: str, font: str) -> str:
    """``text`` with what the font has no glyph for written as its number, ``<U+4F8B>``: a box would say nothing."""
    known = load_fonts()[font].face.charToGlyph
    return "".join(each if ord(each) in known or each == "\n" else f"<U+{ord(each):04X}>" for each in text)


class CodeLines(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A value in lines as wide as there is room, broken between any two characters: its blanks are drawn as well, so
    that the lines put together are the value. Owned by one table or story."""

    def __init__(self, text: str, *, is_block: bool = False) -> None:
        super().__init__()
        self._text = text
        self._is_block = is_block
        self._lines: list[str] = []

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        """Called by reportlab before it draws."""
        self._lines = _lines(self._text, available_width - 2 * self._padding)
        self.width, self.height = available_width, len(self._lines) * CODE_LEADING + 2 * self._padding
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """In two where a page ends, between lines."""
        self.wrap(available_width, available_height)
        fit = int((available_height - 2 * self._padding) / CODE_LEADING)
        if fit < 1 or fit >= len(self._lines):
            return []
        parts = (self._lines[:fit], self._lines[fit:])
        return [CodeLines("".join(each).removesuffix("\n"), is_block=self._is_block) for each in parts]

    def draw(self) -> None:
        """Called by reportlab, with its canvas at the lower left corner."""
        canvas: Any = self.canv
        if self._is_block:
            canvas.setFillColor(SHADE)
            canvas.setStrokeColor(LINE)
            canvas.roundRect(0, 0, self.width, self.height, 2, fill=1)
        canvas.setFillColor(INK)
        canvas.setFont(MONO, CODE_SIZE)
        # Viewers that put lines together by their looks would lose the blank at the end of one (ISO 32000-1 14.9.4).
        spoken = ("\ufeff" + self._text).encode("utf-16-be").hex().upper()
        canvas._code.append(f"/Span <</ActualText <{spoken}>>> BDC")
        for number, line in enumerate(self._lines):
            y = self.height - self._padding - number * CODE_LEADING - CODE_SIZE
            canvas.drawString(self._padding, y, line.removesuffix("\n"))
        canvas._code.append("EMC")

    @property
    def _padding(self) -> float:
        return 6.0 if self._is_block else 0.0


def parts_of(text: str, width: float, most: int) -> list[str]:
    """``text`` in parts of so many lines of code."""
    lines = _lines(text, width)
    return ["".join(lines[begin : begin + most]).removesuffix("\n") for begin in range(0, len(lines), most)]


def numbered(title: str, foot: str, page_words: str) -> type[Canvas]:
    """A canvas class that writes the feet when it knows the number of pages, and the title above all but the first."""

    class Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
        """Made by reportlab for one document."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            pages = len(self._pages)
            for number, state in enumerate(self._pages, 1):
                self.__dict__.update(state)
                self._edges(number, pages)
                Canvas.showPage(self)
            Canvas.save(self)

        def _edges(self, number: int, pages: int) -> None:
            width, height = self._pagesize
            self.setFont(PLAIN, SIZE_OF_FOOT)
            self.setFillColor(GREY)
            counted = page_words.format(page=number, pages=pages)
            room = width - 2 * MARGIN - pdfmetrics.stringWidth(counted, PLAIN, SIZE_OF_FOOT) - 12
            self.drawString(MARGIN, MARGIN * 0.55, _cut(foot, room))
            self.drawRightString(width - MARGIN, MARGIN * 0.55, counted)
            if number > 1:
                self.drawString(MARGIN, height - MARGIN * 0.65, _cut(title, width - 2 * MARGIN))

    return Numbered


def _lines(text: str, width: float) -> list[str]:
    """With the line breaks that were in the text at their ends."""
    most = max(1, int(width / pdfmetrics.stringWidth("0", MONO, CODE_SIZE)))
    return [
        line[begin : begin + most] + ("" if begin + most < len(line) else "\n")
        for line in text.split("\n")
        for begin in range(0, max(1, len(line)), most)
    ]


def _cut(text: str, room: float) -> str:
    """One line of a foot."""
    if pdfmetrics.stringWidth(text, PLAIN, SIZE_OF_FOOT) <= room:
        return text
    while text and pdfmetrics.stringWidth(f"{text}…", PLAIN, SIZE_OF_FOOT) > room:
        text = text[:-1]
    return f"{text}…"
