"""Mailboxes from a CSV: what each line says, and for each bad one why, before anything is asked of the engine.

Columns by their heads, in any order: ``address`` (or ``local_part``), ``password``, ``name``, ``quota_mb``. Without
heads: address, password, name, quota_mb. RFC 4180; a semicolon or a tab may separate, as spreadsheets write.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.core.domain_names import plain_domain
from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.mail.addresses import check_local_part
from backend.mail.new_passwords import check_password

HEADS = ("address", "password", "name", "quota_mb")
ALSO = {"local_part": "address", "email": "address", "mailbox": "address", "display_name": "name", "quota": "quota_mb"}
MB = 1_000_000
MOST_QUOTA_MB = 10_000_000


@dataclass(frozen=True)
class MailboxLine:
    """One good line. ``password`` None: one is to be made up. ``quota_bytes`` None: the domain's own."""

    number: int
    local_part: str
    password: Secret | None
    display_name: str
    quota_bytes: int | None


@dataclass(frozen=True)
class BadLine:
    """One that cannot be taken, by its number in the file, and why; never its password."""

    number: int
    text: str
    why: str


@dataclass(frozen=True)
class Preview:
    """All lines of a file: those that would be added, and those that name what is wrong with them."""

    good: Sequence[MailboxLine]
    bad: Sequence[BadLine]


def read_mailboxes(text: str, domain: str) -> Preview:
    """What a CSV says for one ``domain``; an address of another domain is a bad line."""
    heads: Sequence[str] = ()
    good, bad, seen = list[MailboxLine](), list[BadLine](), dict[str, int]()
    for number, cells in _records(text.lstrip("\ufeff")):
        if cells is not None and not any(cell.strip() for cell in cells):
            continue
        if not heads:
            heads, is_named = _heads(cells or ())
            if is_named:
                continue
        told = {head: cell.strip() for head, cell in zip(heads, cells or (), strict=False)}
        try:
            if cells is None:
                raise Refused(_("The quotes of this line do not match."))
            line = _line(number, told, domain)
            if line.local_part in seen:
                raise Refused(_("The same mailbox stands in line {number}.").format(number=seen[line.local_part]))
        except Refused as error:
            bad.append(BadLine(number, told.get("address", ""), error.title))
            continue
        seen[line.local_part] = number
        good.append(line)
    return Preview(tuple(good), tuple(bad))


def _records(text: str) -> Iterator[tuple[int, Sequence[str] | None]]:
    """Each record with the line that it begins in; None where a quote does not end, or ends within a cell: to guess
    there would take the lines that follow for a part of it.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            yield number, None
            continue
        if cells is None:
            return
        yield number, cells


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _heads(cells: Sequence[str]) -> tuple[Sequence[str], bool]:
    """The names of the columns, and whether the first record is the one that names them."""
    named = [ALSO.get(cell.strip().lower(), cell.strip().lower()) for cell in cells]
    return (named, True) if "address" in named else (HEADS, False)


def _line(number: int, told: dict[str, str], domain: str) -> MailboxLine:
    """:raises Refused: with what is wrong."""
    local, at, of = told.get("address", "").lower().partition("@")
    if at and plain_domain(of) != domain:
        raise Refused(_("It is of another domain than {domain}.").format(domain=domain))
    check_local_part(local)
    password = Secret(told["password"]) if told.get("password") else None
    if password is not None:
        check_password(password)
    return MailboxLine(number, local, password, told.get("name", ""), _quota(told))


def _quota(told: dict[str, str]) -> int | None:
    text = told.get("quota_mb", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:12]) <= MOST_QUOTA_MB:
        raise Refused(_("{text} is no quota in MB.").format(text=text[:20]))
    return int(text) * MB
