"""A document as PDF (A4): the same bytes for the same document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from io import BytesIO
from itertools import takewhile, zip_longest

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, LongTable, SimpleDocTemplate, Spacer
from reportlab.platypus import Paragraph as Words

from backend.core.documents.document import Block, Cell, Code, Document, Facts, Heading, Paragraph, Steps, Table
from backend.core.documents.pdf_parts import (
    GREY,
    INK,
    LINE,
    MARGIN,
    PLAIN,
    SHADE,
    STRONG,
    WARNING,
    WARNING_SHADE,
    CodeLines,
    drawable,
    load_fonts,
    numbered,
    parts_of,
)
from backend.core.documents.pdf_parts import MONO as CODE_FONT
from backend.core.present.plain_line import plain_line, plain_lines

WIDTH = A4[0] - 2 * MARGIN
SHARE_OF_NAMES = 0.26
GAP = 6
PADDING = 6  # beside what stands in a cell
LINES_OF_CODE, LINES_OF_TEXT = 55, 25  # that surely fit on a page, below a head
FRAME = 6  # what reportlab leaves free within its margins
NEAR_HEADING = 3  # blocks that are not parted from it
BELOW_HEADING = 90  # room for the beginning of what a heading is about

BODY = ParagraphStyle("body", fontName=PLAIN, fontSize=9.6, leading=13.8, textColor=INK, spaceAfter=GAP)
IN_CELL = ParagraphStyle("cell", BODY, fontSize=8.8, leading=12, spaceAfter=0)
NAMED = ParagraphStyle("name", IN_CELL, textColor=GREY)
HEAD = ParagraphStyle("head", IN_CELL, fontName=STRONG)
HEADING = ParagraphStyle("heading", BODY, fontName=STRONG, fontSize=12.5, leading=16, spaceBefore=10, spaceAfter=5)
TITLE = ParagraphStyle("title", BODY, fontName=STRONG, fontSize=19, leading=24, spaceAfter=3)
SUBTITLE = ParagraphStyle("subtitle", BODY, textColor=GREY, spaceAfter=12)
CALLED = ParagraphStyle(
    "warning", BODY, backColor=WARNING_SHADE, borderColor=WARNING, borderWidth=0.6, borderPadding=6, leftIndent=6,
    rightIndent=6, spaceBefore=18, spaceAfter=18,
)  # fmt: skip
STEP = ParagraphStyle("step", BODY, leftIndent=18, bulletIndent=2, spaceAfter=3)

PADDED = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
]
RULED = [*PADDED, ("GRID", (0, 0), (-1, -1), 0.5, LINE), ("BACKGROUND", (0, 0), (-1, 0), SHADE)]
LINED = [*PADDED, ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE), ("LEFTPADDING", (0, 0), (0, -1), 0)]


def as_pdf(document: Document) -> bytes:
    """The file. Characters that no font of ours has are written as their numbers."""
    load_fonts()
    out = BytesIO()
    title = _drawn(document.title, PLAIN)
    template = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN - FRAME, rightMargin=MARGIN - FRAME, topMargin=MARGIN, bottomMargin=MARGIN,
        title=document.title, author=document.foot, subject=document.subtitle, lang=document.language, invariant=1,
    )  # fmt: skip
    made = numbered(title, _drawn(document.foot, PLAIN), _drawn(document.page_words, PLAIN))
    template.build([*_opening(document), *_story(document.blocks)], canvasmaker=made)
    return out.getvalue()


def _opening(document: Document) -> Iterator[Flowable]:
    yield _words(document.title, TITLE)
    yield _words(document.subtitle, SUBTITLE) if document.subtitle else Spacer(0, GAP)


def _story(blocks: Sequence[Block]) -> Iterator[Flowable]:
    """A heading stays on the page of what follows it; a table may go on over the page."""
    rest = list(blocks)
    while rest:
        block = rest.pop(0)
        if not isinstance(block, Heading):
            yield from _block(block)
            continue
        near = list(takewhile(lambda each: not isinstance(each, Heading | Table), rest[:NEAR_HEADING]))
        del rest[: len(near)]
        yield CondPageBreak(BELOW_HEADING)
        yield KeepTogether([part for each in (block, *near) for part in _block(each)])


def _block(block: Block) -> Iterator[Flowable]:
    match block:
        case Heading(text):
            yield _words(text, HEADING)
        case Paragraph(text, is_warning):
            yield _words(text, CALLED if is_warning else BODY)
        case Code(text):
            yield CodeLines(drawable(plain_lines(text), CODE_FONT), is_block=True)
            yield Spacer(0, GAP)
        case Steps(texts):
            for number, each in enumerate(texts, 1):
                yield Words(escape(_drawn(each, PLAIN)), STEP, bulletText=f"{number}.")
            yield Spacer(0, GAP)
        case Facts(pairs):
            widths = [WIDTH * SHARE_OF_NAMES, WIDTH * (1 - SHARE_OF_NAMES)]
            rows = [row for pair in pairs for row in _rows(pair, widths, (NAMED, IN_CELL))]
            if rows:
                yield LongTable(rows, colWidths=widths, style=LINED, spaceAfter=2 * GAP)
        case Table():
            yield _table(block)


def _table(table: Table) -> LongTable:
    shares = table.shares or (1,) * len(table.head)
    widths = [WIDTH * each / sum(shares) for each in shares]
    styles = (IN_CELL,) * len(widths)
    rows = [
        [_words(each, HEAD) for each in table.head],
        *(one for row in table.rows for one in _rows(row, widths, styles)),
    ]
    return LongTable(rows, colWidths=widths, repeatRows=1, style=RULED, spaceAfter=2 * GAP)


def _rows(
    cells: Sequence[Cell], widths: Sequence[float], styles: Sequence[ParagraphStyle]
) -> Iterator[list[Flowable | str]]:
    """A row; several where a cell is longer than a page, which reportlab would refuse."""
    parts = (_parts(cell, width - 2 * PADDING, style) for cell, width, style in zip(cells, widths, styles, strict=True))
    for row in zip_longest(*parts, fillvalue=""):
        yield list(row)


def _parts(cell: Cell, width: float, style: ParagraphStyle) -> list[Flowable]:
    text = cell.text if isinstance(cell, Code) else cell
    if isinstance(cell, Code):
        return [CodeLines(each) for each in parts_of(drawable(plain_lines(text), CODE_FONT), width, LINES_OF_CODE)]
    return [_words(each, style) for each in parts_of(plain_line(text), width, LINES_OF_TEXT)]


def _words(text: str, style: ParagraphStyle) -> Flowable:
    return Words(escape(_drawn(text, style.fontName)), style)


def _drawn(text: str, font: str) -> str:
    return drawable(plain_line(text), font)
