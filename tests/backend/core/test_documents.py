"""Documents for people outside: what is copied out of them is exact, and what others wrote is text and nothing else."""

from __future__ import annotations

from html.parser import HTMLParser
from io import BytesIO

import pytest
from pypdf import PdfReader

from backend.core.documents.as_html import as_html
from backend.core.documents.as_pdf import as_pdf
from backend.core.documents.document import Code, Document, Facts, Heading, Paragraph, Steps, Table

KEY = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 11
SPF = "v=spf1 " + "include:relay.example " * 20 + "-all"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;'
SHEET = Document(
    "Łódź, Größe und bücher.example",
    (
        Heading("Einträge"),
        Paragraph("Bitte genau so eintragen."),
        Paragraph("Nicht verändern!", is_warning=True),
        Facts((("Domain", Code("xn--bcher-kva.example")), ("Anbieter", "Zażółć"))),
        Steps(("Öffnen", "Eintragen")),
        Code("docker compose up -d\nsystemctl restart mailyard"),
        Table(("Typ", "Wert"), (("TXT", Code(KEY)), ("TXT", Code(SPF)), ("TXT", Code("a  b " * 40))), (1, 4)),
    ),
    subtitle="Für die Kundin",
    foot="Mailyard",
    language="de",
    page_words="Seite {page} von {pages}",
)


class Page(HTMLParser):
    """The elements of a page with their attributes, and the texts of its ``code``."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.copied: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "col"):
            self.open.append(tag)
        if tag == "code":
            self.copied.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "code":
            self.copied[-1] += data
        if "body" in self.open:
            self.text += data


def pages_of(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]


def test_each_value_is_copied_out_of_the_pdf_as_it_is() -> None:
    text = "".join(pages_of(as_pdf(SHEET))).replace("\n", "")

    for value in (KEY, SPF, "a  b " * 40, "xn--bcher-kva.example"):
        assert value in text
    for words in ("Łódź, Größe", "Zażółć", "Nicht verändern!", "2. Eintragen", "Seite 1 von 1"):
        assert words in text


def test_a_viewer_is_told_each_value_in_one_piece() -> None:
    """Those that put lines together by what they look like would lose the blank at the end of one."""
    raw = b"".join(page.get_contents().get_data() for page in PdfReader(BytesIO(as_pdf(SHEET))).pages)  # type: ignore[union-attr]

    for value in (KEY, SPF):
        assert ("\ufeff" + value).encode("utf-16-be").hex().upper().encode() in raw


def test_the_same_document_is_the_same_file_and_says_its_language() -> None:
    reader = PdfReader(BytesIO(as_pdf(SHEET)))

    assert as_pdf(SHEET) == as_pdf(SHEET)
    assert reader.trailer["/Root"]["/Lang"] == "de"  # type: ignore[index]
    assert reader.metadata is not None
    assert reader.metadata.title == SHEET.title


def test_each_page_of_a_long_table_repeats_its_head_and_says_its_number() -> None:
    rows = tuple((f"row {number}", Code(KEY)) for number in range(40))

    pages = pages_of(as_pdf(Document("Long", (Table(("First", "Second"), rows),), foot="Ours")))

    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "First" in page
        assert "Ours" in page
    assert "".join(pages).count(KEY[:20]) == 40


def test_a_value_longer_than_a_page_goes_on_over_it() -> None:
    long = "".join(f"{number:05}" for number in range(3000))

    for block in (Code(long), Table(("A",), ((Code(long),),))):
        pages = pages_of(as_pdf(Document("Long", (block,), page_words="{page}{pages}")))
        assert len(pages) > 1
        lines = [line.strip() for page in pages for line in page.split("\n") if len(line.strip()) > 2]
        assert "".join(line for line in lines if line.isdigit()) == long


def test_a_heading_and_the_facts_below_it_are_on_one_page() -> None:
    sections = [
        (Heading(f"Part {number}."), Paragraph("Why"), Facts((("First", Code("1")), ("Last", f"End {number}."))))
        for number in range(30)
    ]

    pages = pages_of(as_pdf(Document("Parts", tuple(block for section in sections for block in section))))

    assert len(pages) > 2
    for number in range(30):
        (page,) = (each for each in pages if f"Part {number}." in each)
        assert f"End {number}." in page


def test_what_no_font_has_is_said_by_its_number() -> None:
    text = "".join(pages_of(as_pdf(Document("例.jp", (Code("a例"),)))))

    assert "<U+4F8B>.jp" in text
    assert "a<U+4F8B>" in text


def test_each_value_is_copied_out_of_the_page_as_it_is() -> None:
    page = Page(as_html(SHEET))

    assert page.open == []
    assert page.copied[2:] == [KEY, SPF, "a  b " * 40]
    assert page.elements[0] == ("html", {"lang": "de"})
    assert "Łódź, Größe und bücher.example" in page.text


@pytest.mark.parametrize("where", ["title", "subtitle", "foot"])
def test_what_others_wrote_is_text(where: str) -> None:
    plain = Document("T", (), **{} if where == "title" else {where: "x"})
    hostile = Document(**{"title": "T", "blocks": (), where: HOSTILE})  # type: ignore[arg-type]

    assert [tag for tag, _rest in Page(as_html(hostile)).elements] == [
        tag for tag, _rest in Page(as_html(plain)).elements
    ]
    assert HOSTILE in Page(as_html(hostile)).text
    assert len(PdfReader(BytesIO(as_pdf(hostile))).pages) == 1


def test_what_others_wrote_is_text_in_every_block() -> None:
    def blocks(text: str) -> Document:
        made = (
            Heading(text),
            Paragraph(text),
            Steps((text,)),
            Facts(((text, text), (text, Code(text)))),
            Code(text),
            Table((text,), ((text,), (Code(text),))),
        )
        return Document("T", made, language=text)

    hostile, plain = Page(as_html(blocks(HOSTILE))), Page(as_html(blocks("x")))

    assert [tag for tag, _rest in hostile.elements] == [tag for tag, _rest in plain.elements]
    assert hostile.text.count(HOSTILE) == 11
    assert "".join(pages_of(as_pdf(blocks(HOSTILE)))).replace("\n", "").count("<script>") == 11


def test_the_page_loads_nothing_and_turns_no_text_around() -> None:
    text = as_html(Document("a\u202eb", (Code("c\u2066d\x1b"),)))

    assert "http:" not in text.replace('http-equiv="', "")
    assert not any(tag in ("script", "link", "img", "iframe") for tag, _rest in Page(text).elements)
    assert all(each.isprintable() or each == "\n" for each in text)


def test_a_row_that_is_not_as_wide_as_its_head_is_refused() -> None:
    with pytest.raises(ValueError, match="not as wide"):
        Table(("A", "B"), (("a",),))
