"""The set-up sheet: a plan as rows of a person's own form, and the document that goes to the client."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from backend.core.documents.as_html import as_html
from backend.core.documents.as_pdf import as_pdf
from backend.core.documents.document import Code, Document, Facts, Table
from backend.core.present.text import language
from backend.dnshosts.panels import generic_panel, panels
from backend.dnshosts.records import Record, record, text_value
from backend.domains.plan import Wanted, dns_plan
from backend.domains.sheet import Sheet, set_up_sheet
from backend.domains.sheet_document import sheet_document
from backend.domains.wanted import MailFacts, wanted_records

ZONE, SERVER = "xn--bcher-kva.example", "mx1.agency.example"
KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 12
FACTS = MailFacts(ZONE, SERVER, "my2612", KEY, frozenset({465, 993}), "dmarc@agency.example", sts_id="20261202")
OLD_SPF = record(ZONE, "TXT", 300, text_value("v=spf1 include:news.example ~all"))


def sheet(host: str, *live: Record, facts: MailFacts = FACTS) -> Sheet:
    plan = dns_plan(facts.domain, wanted_records(facts), live)
    return set_up_sheet(facts.domain, plan, panels()[host] if host else generic_panel())


def copied(document: Document) -> list[str]:
    """All values in their order."""
    cells = [
        cell
        for block in document.blocks
        for row in (block.pairs if isinstance(block, Facts) else block.rows if isinstance(block, Table) else ())
        for cell in row
    ]
    return [cell.text for cell in cells if isinstance(cell, Code)]


def texts_of(document: Document) -> str:
    class Texts(HTMLParser):
        text = ""

        def handle_data(self, data: str) -> None:
            self.text += f"{data}\n"

    page = Texts()
    page.feed(as_html(document))
    return page.text


def test_an_spf_record_is_changed_with_what_it_was_and_shall_be() -> None:
    rows = sheet("cloudflare", OLD_SPF).rows

    spf = next(each for each in rows if each.verb == "change")
    assert spf.before == OLD_SPF
    assert {each.label: each.text for each in spf.fields} == {
        "Type": "TXT",
        "Name": "@",
        "Content": f"v=spf1 include:news.example a:{SERVER} ~all",
        "TTL": "300",
    }
    assert [each.record.type for each in rows][:3] == ["MX", "TXT", "TXT"]


def test_records_in_the_way_are_told_and_not_touched() -> None:
    made = sheet("", record(f"mta-sts.{ZONE}", "A", 300, "192.0.2.1"))

    assert not any(each.record.name == f"mta-sts.{ZONE}" for each in made.rows)
    assert len(made.obstacles) == 1
    document = sheet_document(made, language="en", made_by="Agency")
    assert made.obstacles[0] in texts_of(document)


def test_ours_that_go_are_rows_too() -> None:
    old = record(ZONE, "MX", 300, "10 old.example.")
    plan = dns_plan(ZONE, [Wanted(ZONE, "MX", (f"10 {SERVER}.",), "mail")], (old,), {(ZONE, "MX")})

    (row,) = set_up_sheet(ZONE, plan, generic_panel()).rows

    assert (row.verb, row.before) == ("change", old)


@pytest.mark.parametrize("host", ["", *panels()])
def test_the_document_holds_every_value_as_it_is_typed(host: str) -> None:
    made = sheet(host, OLD_SPF)

    values = copied(sheet_document(made, language="en", made_by="Agency"))

    for row in made.rows:
        for typed in row.fields:
            assert typed.text in values or not typed.text or (typed.key == "type" and row.record.type == "SRV")
    assert OLD_SPF.content in values


def test_it_is_in_the_clients_language_and_the_program_keeps_its_own() -> None:
    made = sheet("cloudflare", OLD_SPF)

    german = texts_of(sheet_document(made, language="de", made_by="Agentur Łódź"))
    english = texts_of(sheet_document(made, language="en", made_by="Agentur Łódź"))

    assert language() == "en"
    for words in ("DNS-Einträge für bücher.example (xn--bcher-kva.example)", "2. Ändern: TXT", "Bisher", "graue Wolke"):
        assert words in german
    assert "Empfänger erfahren daraus, dass dieser Server für die Domain senden darf." in german
    assert "2. Change: TXT" in english
    assert "Receivers learn from it" in english


def test_a_form_of_its_own_kind_is_explained() -> None:
    quoted = texts_of(sheet_document(sheet("route53"), language="en", made_by="A"))
    full = texts_of(sheet_document(sheet("he"), language="en", made_by="A"))
    dotted = texts_of(sheet_document(sheet("gandi"), language="en", made_by="A"))

    assert "quotation marks around texts are typed as well" in quoted
    assert "(leave empty)" in quoted
    assert f"Enter each name in full, with {ZONE} at its end." in full
    assert "Keep the dot at the end of a target" in dotted


def test_where_all_is_right_it_says_so() -> None:
    document = sheet_document(Sheet(ZONE, generic_panel(), ()), language="en", made_by="A")

    assert "there is nothing to do" in texts_of(document)
    assert as_pdf(document).startswith(b"%PDF")


def test_the_same_sheet_is_the_same_file() -> None:
    first, second = (as_pdf(sheet_document(sheet("ionos"), language="de", made_by="A")) for _time in range(2))

    assert first == second
