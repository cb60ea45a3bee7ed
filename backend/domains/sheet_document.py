"""The set-up sheet as a document for the client, in the client's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from backend.core.documents.document import Block, Cell, Code, Document, Facts, Heading, Paragraph, Steps, Table
from backend.core.present.text import _, again, speaking
from backend.dnshosts.forms import Typed
from backend.dnshosts.panels import needs_quotes
from backend.domains.sheet import Sheet, SheetRow

#: Widths of the columns of a table of services, in relation to each other: about points on paper.
SHARES = {
    "service": 88,
    "protocol": 58,
    "priority": 58,
    "weight": 54,
    "port": 40,
    "target": 122,
    "value": 170,
    "ttl": 46,
}
NAME, NAME_BESIDE_SERVICE = 110, 42


def sheet_document(sheet: Sheet, *, language: str, made_by: str, subtitle: str = "") -> Document:
    """To be sent as PDF or HTML. ``made_by`` is the agency's name; ``subtitle`` says for whom and of when."""
    with speaking(language):
        title = _("DNS records for {domain}").format(domain=_readable(sheet.zone))
        blocks = (*_opening(sheet), *_records(sheet), *_closing(sheet))
        return Document(title, blocks, subtitle=subtitle, foot=made_by, language=language)


def _readable(zone: str) -> str:
    """A name of other letters as people write it, with its ASCII form."""
    import idna

    try:
        spoken = idna.decode(zone)
    except idna.IDNAError:
        return zone
    return zone if spoken == zone else f"{spoken} ({zone})"


def _opening(sheet: Sheet) -> Iterator[Block]:
    if not sheet.rows:
        yield Paragraph(_("All records are right: there is nothing to do."))
        return
    host = again(sheet.panel.name)
    yield Paragraph(
        _("Please enter these records at {host}. All other records of the domain stay as they are.").format(host=host)
    )
    where = _("Open: {where}").format(where=sheet.panel.where)
    yield Steps((*((where,) if sheet.panel.where else ()), *_rules(sheet)))
    for note in sheet.panel.notes:
        yield Paragraph(_(note), is_warning=True)


def _rules(sheet: Sheet) -> Iterator[str]:
    """How this host's form wants to be filled in."""
    panel = sheet.panel
    yield _("Copy each value exactly as it stands here; the names of fields may differ a little in the form.")
    if panel.appends_zone:
        yield _("Enter names as they stand here: the form adds {domain} by itself.").format(domain=sheet.zone)
    else:
        yield _("Enter each name in full, with {domain} at its end.").format(domain=sheet.zone)
    texts = [each.record.content for each in sheet.rows if each.record.type == "TXT"]
    if any(needs_quotes(panel, each) for each in texts):
        yield _("The quotation marks around texts are typed as well, where they stand here.")
    elif texts:
        yield _("Type no quotation marks around texts, and enter long ones in one piece.")
    if panel.target_dot:
        yield _("Keep the dot at the end of a target: without it the form adds {domain}.").format(domain=sheet.zone)


def _records(sheet: Sheet) -> Iterator[Block]:
    number = 0
    for _key, group in groupby(sheet.rows, key=_kind):
        rows = tuple(group)
        if len(rows) > 1:
            yield Heading(_numbered(number + 1, number + len(rows), rows[0]))
            yield _together(rows)
            yield from _troubles(rows)
        else:
            yield Heading(_numbered(number + 1, number + 1, rows[0]))
            yield from _alone(rows[0])
        number += len(rows)


def _kind(row: SheetRow) -> object:
    """Services look alike, and go into one table; each other record is a part of its own."""
    if row.record.type == "SRV" and row.verb != "change":
        return row.verb, tuple(each.key for each in row.fields)
    return row


def _numbered(first: int, last: int, row: SheetRow) -> str:
    forms = {
        "create": _("{number}. Create: {what}"),
        "change": _("{number}. Change: {what}"),
        "remove": _("{number}. Remove: {what}"),
    }
    what = row.record.type if first < last else f"{row.record.type} {row.record.name}"
    return forms[row.verb].format(number=str(first) if first == last else f"{first}–{last}", what=what)


def _together(rows: Sequence[SheetRow]) -> Table:
    kept = [number for number, each in enumerate(rows[0].fields) if each.key != "type"]
    head = tuple(again(rows[0].fields[number].label) for number in kept)
    keys = [rows[0].fields[number].key for number in kept]
    shares = tuple(SHARES.get(key, NAME_BESIDE_SERVICE if "service" in keys else NAME) for key in keys)
    return Table(head, tuple(tuple(_cell(row.fields[number]) for number in kept) for row in rows), shares)


def _alone(row: SheetRow) -> Iterator[Block]:
    yield Paragraph(again(row.reason))
    before = () if row.before is None else ((_("So far"), Code(row.before.content)),)
    yield Facts((*before, *((again(each.label), _cell(each)) for each in row.fields)))
    yield from _troubles((row,))


def _troubles(rows: Sequence[SheetRow]) -> Iterator[Block]:
    for text in dict.fromkeys(each for row in rows for each in row.troubles):
        yield Paragraph(again(text), is_warning=True)


def _cell(field: Typed) -> Cell:
    return Code(field.text) if field.text else _("(leave empty)")


def _closing(sheet: Sheet) -> Iterator[Block]:
    if sheet.obstacles:
        yield Heading(_("To be talked about"))
        for each in sheet.obstacles:
            yield Paragraph(again(each))
    if sheet.rows:
        yield Paragraph(_("Please tell us when you are done: we check each record and name what is not right yet."))
