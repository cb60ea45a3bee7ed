"""A document as a value: what it says, in which order, and nothing of how it looks."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.core.present.text import _


@dataclass(frozen=True)
class Code:
    """What is copied as it stands: a value for a form, a command. Lines are broken anywhere, without a hyphen."""

    text: str


Cell = str | Code


@dataclass(frozen=True)
class Heading:
    """Begins a part of the document."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``is_warning``: what must not be overlooked."""

    text: str
    is_warning: bool = False


@dataclass(frozen=True)
class Steps:
    """What to do one after the other; they are numbered."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Names and what they stand for."""

    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Table:
    """Rows below a head that each page repeats. ``shares`` are the widths of the columns in relation to each other."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """:raises ValueError: a row is not as wide as the head."""
        wrong = [row for row in self.rows if len(row) != len(self.head)]
        if wrong or (self.shares and len(self.shares) != len(self.head)):
            raise ValueError(f"not as wide as the head {self.head}: {wrong or self.shares}")


Block = Heading | Paragraph | Steps | Facts | Table | Code


def _page_words() -> str:
    return _("Page {page} of {pages}")


@dataclass(frozen=True)
class Document:
    """Texts are in the language that ``language`` names already; ``foot`` is said below each page.

    ``page_words`` has places for ``page`` and ``pages``.
    """

    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    foot: str = ""
    language: str = "en"
    page_words: str = field(default_factory=_page_words)
