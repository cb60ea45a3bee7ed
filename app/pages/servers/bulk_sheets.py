"""The sheet before an act on several servers: what happens to each, who is left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QWidget

from app.pages.servers.acts import BY_KEY, Act
from app.pages.servers.note_sheets import MaintenanceSheet, TagSheet
from app.pages.servers.operations import BulkOperation, power_request, where_of
from app.pages.servers.sheets import away_words, data_words, key_effects, undo_line
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.servers.requests import MaintainServer, RotateLoginKey, TakeSnapshot
from backend.servers.snapshots import check_words
from widgets.form import Form
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from backend.servers.queries import ServerRow

TABLE_ROWS, HEAD = 7, 34
ROW_HEIGHT = 28


@dataclass(frozen=True)
class Fate:
    """What happens to one of them; ``is_left_out`` with the reason in ``words``."""

    row: ServerRow
    words: str
    is_left_out: bool


def fates_of(act: Act, rows: Sequence[ServerRow]) -> tuple[Fate, ...]:
    """Those it fits first, each group by name."""
    found = [Fate(row, reason or _(act.word), bool(reason)) for row in rows for reason in [act.why_not(row)]]
    return tuple(sorted(found, key=lambda fate: (fate.is_left_out, words.natural(fate.row.name))))


def bulk_operation(rows: Sequence[ServerRow], key: str, parent: QWidget) -> BulkOperation:
    """One request for each server the act fits; those it does not fit are listed with the reason, and left out."""
    act = BY_KEY[key]
    fates = fates_of(act, rows)
    fitting = [fate.row for fate in fates if not fate.is_left_out]
    count = _servers(len(fitting))
    if key == "tags":
        tags = TagSheet(fitting, parent)
        said = _("Tags of {servers} saved").format(servers=count)
        return BulkOperation(
            tags,
            lambda: [tags.request_for(row) for row in fitting],
            lambda: said,
            lambda: [tags.undo_for(row) for row in fitting],
        )
    if key == "maintenance":
        sheet = MaintenanceSheet(fitting, parent)
        return BulkOperation(
            sheet,
            lambda: [MaintainServer(row.id, sheet.until) for row in fitting],
            lambda: sheet.said,
            lambda: [MaintainServer(row.id, row.maintenance_until) for row in fitting],
        )
    if key == "snapshot":
        snapshot = SnapshotsSheet(act, fates, parent)
        return BulkOperation(snapshot, lambda: [TakeSnapshot(row.id, snapshot.name.text()) for row in fitting])
    if key == "rotate_key":
        return BulkOperation(BulkSheet(act, fates, parent), lambda: [RotateLoginKey(row.id) for row in fitting])
    return BulkOperation(BulkSheet(act, fates, parent), lambda: [power_request(row, key) for row in fitting])


class BulkSheet(Sheet):
    """The servers in a list above the effects they have in common."""

    def __init__(self, act: Act, fates: Sequence[Fate], parent: QWidget) -> None:
        fitting = [fate.row for fate in fates if not fate.is_left_out]
        title = _("{act}: {servers}").format(act=_(act.word), servers=_servers(len(fitting)))
        super().__init__(SheetText(title, _(act.word), _("Cancel"), where_of(fitting)), parent)
        self.fates: RecordTable[Fate] = RecordTable(_columns(), lambda fate: fate.row.id, _("What happens to each"))
        self.fates.set_rows(fates)
        self.fates.sortByColumn(-1, self.fates.horizontalHeader().sortIndicatorOrder())
        self.fates.setFixedHeight(HEAD + ROW_HEIGHT * min(len(fates), TABLE_ROWS))
        self.slot.addWidget(self.fates)
        self.set_effects(_effects(act, fitting, len(fates) - len(fitting)))


class SnapshotsSheet(BulkSheet):
    """Asks what the snapshots are to be called, all alike."""

    def __init__(self, act: Act, fates: Sequence[Fate], parent: QWidget) -> None:
        super().__init__(act, fates, parent)
        self.name = QLineEdit(datetime.now().astimezone().strftime("%Y-%m-%d %H.%M"))
        self.form = Form()
        note = _("At the provider its name ends with Mailyard's ownership tag.")
        self.form.add("name", _("Name"), self.name, note=note, check=self._wrong)
        self.form.guard(self.act)
        self.slot.insertWidget(0, self.form)

    def _wrong(self) -> str:
        try:
            check_words(self.name.text())
        except MailyardError as error:
            return error.sentence()
        return ""


def _columns() -> tuple[Column[Fate], ...]:
    return (
        Column(
            _("Server"),
            text=lambda fate: fate.row.name,
            is_muted=lambda fate: fate.is_left_out,
            sort=lambda fate: (fate.is_left_out, words.natural(fate.row.name)),
            width=220,
        ),
        Column(
            _("What happens"),
            text=lambda fate: _("skipped: {reason}").format(reason=fate.words) if fate.is_left_out else fate.words,
            is_muted=lambda fate: fate.is_left_out,
            width=210,
        ),
        Column(_("Used by"), text=lambda fate: ", ".join(fate.row.workspaces) or words.DASH, width=140),
    )


def _effects(act: Act, fitting: Sequence[ServerRow], left_out: int) -> Sequence[EffectLine]:
    lines = [EffectLine(_("Changed"), _servers(len(fitting)), _("one job each, side by side"))]
    if left_out:
        count = _servers(left_out)
        lines.append(EffectLine(_("Skipped"), count, _("The list gives the reasons."), Status.UNKNOWN))
    if act.key == "rotate_key":
        return [*lines, *key_effects()]
    if act.key == "snapshot":
        lines += [
            EffectLine(_("Downtime"), _("none"), _("The servers may be slower in the meantime.")),
            EffectLine(_("Cost"), _("more"), _("Providers bill their storage until they are deleted.")),
            EffectLine(_("Undo"), _("possible"), _("Delete them again.")),
        ]
        return lines
    away, mail = away_words(act.key)
    how = {data_words(row, act.key) for row in fitting}
    if act.key != "on":
        lines.append(EffectLine(_("Data"), _("kept"), how.pop() if len(how) == 1 else _("Depends on the provider.")))
    return [*lines, EffectLine(_("Downtime"), away, mail), undo_line(act.key)]


def _servers(count: int) -> str:
    return ngettext("{n} server", "{n} servers", count).format(n=words.number(count))
