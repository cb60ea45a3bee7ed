"""What is served of a set-up sheet by now: each row right, missing, or wrong with the likely mistake named."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from backend.core.present.text import _
from backend.core.resolver import NotAName, Resolver, ResolverError
from backend.dnshosts.records import BadRecord, Record, record, text_value
from backend.domains import sheet_mistakes
from backend.domains.sheet import Sheet, SheetRow

#: *unknown*: no name server answered.
RowState = Literal["right", "missing", "wrong", "unknown"]
AT_ONCE = 8


@dataclass(frozen=True)
class CheckedRow:
    """A row beside what is served under its name, ``live``; ``mistake`` says what is likely to be wrong."""

    row: SheetRow
    state: RowState
    live: tuple[str, ...] = ()
    mistake: str = ""


async def checked(resolver: Resolver, sheet: Sheet) -> tuple[CheckedRow, ...]:
    """Every row of the sheet, in its order. Raises nothing: what cannot be asked is unknown."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(row: SheetRow) -> CheckedRow:
        async with free:
            try:
                return await _Look(resolver, sheet.zone, row).checked()
            except ResolverError as error:
                return CheckedRow(row, "unknown", mistake=str(error))

    return tuple(await asyncio.gather(*(one(each) for each in sheet.rows)))


@dataclass(frozen=True)
class _Look:
    """One row being looked at."""

    resolver: Resolver
    zone: str
    row: SheetRow

    async def checked(self) -> CheckedRow:
        wanted = self.row.record
        live = await self._served(wanted.name, wanted.type)
        if self.row.verb == "remove":
            is_there = wanted.content in live
            told = _("The old record is still there.") if is_there else ""
            return CheckedRow(self.row, "wrong" if is_there else "right", live, told)
        alias = await self._alias() if wanted.type != "CNAME" else ""
        is_right = wanted.content in live and not alias
        mistake = alias or await (self._of_right(live) if is_right else self._of_wrong(live))
        if is_right:
            return CheckedRow(self.row, "wrong" if mistake else "right", live, mistake)
        return CheckedRow(self.row, "wrong" if mistake else "missing", live, mistake)

    async def _alias(self) -> str:
        name = self.row.record.name
        for target in await self._served(name, "CNAME"):
            words = _("{name} is an alias (CNAME) of {target}: no other record can stand beside it.")
            return words.format(name=name, target=target)
        return ""

    async def _of_right(self, live: tuple[str, ...]) -> str:
        """The record is there, and still it does not do."""
        wanted = self.row.record
        if wanted.type == "MX":
            server = wanted.value.split()[-1]
            addresses = [each for kind in ("A", "AAAA") for each in await self._served(server, kind)]
            return sheet_mistakes.of_proxy(addresses)
        return sheet_mistakes.of_many(wanted.content, live) if wanted.type == "TXT" else ""

    async def _of_wrong(self, live: tuple[str, ...]) -> str:
        """Why the record is not there; empty where nothing is."""
        wanted = self.row.record
        for each in live:
            told = sheet_mistakes.of_text(wanted.content, each) if wanted.type == "TXT" else ""
            if found := told or sheet_mistakes.of_target(self.zone, wanted.content, each):
                return found
        if wanted.type == "TXT" and (many := sheet_mistakes.of_many(wanted.content, live)):
            return many
        for name in dict.fromkeys(sheet_mistakes.other_names(self.zone, wanted)):
            if wanted.content in await self._served(name, wanted.type):
                return self._elsewhere(name)
        if live and (wanted.type != "TXT" or self.row.before is not None):
            return _("Something else stands there.")
        return ""

    def _elsewhere(self, name: str) -> str:
        if name == f"{self.row.record.name}.{self.zone}":
            return _("The zone's name was typed too: the record is at {name}.").format(name=name)
        return _("The record is under another name: {name}.").format(name=name)

    async def _served(self, name: str, kind: str) -> tuple[str, ...]:
        """What records say under this name, in the form that the sheet's are in."""
        try:
            answer = await self.resolver.look_up(name, kind)
        except NotAName:
            return ()
        return tuple(content for each in answer.records if (content := _content(name, kind, each)) is not None)


def _content(name: str, kind: str, text: str) -> str | None:
    """None for what no record of the type says."""
    try:
        made: Record = record(name.removesuffix("."), kind, 0, text_value(text) if kind == "TXT" else text)
    except BadRecord:
        return None
    return made.content
