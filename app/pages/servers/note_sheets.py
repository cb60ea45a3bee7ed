"""The sheets for what people write of servers: tags, a note, until when it is in maintenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from app.pages.servers.operations import ServerOperation, where_of
from backend.core.present import format as words
from backend.core.present.text import N_, _, ngettext
from backend.servers.requests import MaintainServer, NoteServer, TagServer, plain_tags
from backend.servers.settings import (
    LONGEST_MAINTENANCE,
    LONGEST_NOTE,
    LONGEST_TAG,
    MOST_TAGS,
    MaintenanceChange,
    maintenance_change,
)
from widgets.chips import Chips
from widgets.form import Form
from widgets.moment_field import MomentField
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from backend.servers.queries import ServerRow

OTHER = "other"
HOURS = (1, 2, 8, 24)
NOTE_HEIGHT = 120


class TagSheet(Sheet):
    """Of one server all its tags in one field; of several, which ones they get and which they lose."""

    def __init__(self, rows: Sequence[ServerRow], parent: QWidget) -> None:
        super().__init__(SheetText(_title(_("Tags of {name}"), rows), _("Save"), _("Cancel"), where_of(rows)), parent)
        self._rows = rows
        self.form, self.tags, self.less = Form(), QLineEdit(), QLineEdit()
        note = _("Separated by commas. The filter of the list finds them.")
        if len(rows) == 1:
            self.tags.setText(", ".join(rows[0].tags))
            self.form.add("tags", _("Tags"), self.tags, note=note, check=self._wrong)
        else:
            self.form.add("tags", _("Add tags"), self.tags, note=note, check=self._wrong)
            self.form.add("less", _("Remove tags"), self.less, note=_known(rows))
        self.form.guard(self.act)
        self.slot.addWidget(self.form)
        self.tags.setFocus()

    def request_for(self, row: ServerRow) -> TagServer:
        """What becomes of one of them."""
        wanted = _split(self.tags.text())
        less = tuple(set(row.tags) - set(wanted)) if len(self._rows) == 1 else _split(self.less.text())
        return TagServer(row.id, tuple(set(wanted) - set(row.tags)), tuple(set(less) & set(row.tags)))

    def undo_for(self, row: ServerRow) -> TagServer:
        """What takes it back, for a row as it was before."""
        made = self.request_for(row)
        return TagServer(row.id, made.remove, made.add)

    def _wrong(self) -> str:
        tags = _split(self.tags.text())
        if len(tags) > MOST_TAGS or any(len(each) > LONGEST_TAG for each in tags):
            said = _("A server can have at most {most} tags of at most {letters} characters each.")
            return said.format(most=MOST_TAGS, letters=LONGEST_TAG)
        return ""


class NoteSheet(Sheet):
    """What people should know of a server before they touch it."""

    def __init__(self, row: ServerRow, parent: QWidget) -> None:
        title = _("Note on {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Save"), _("Cancel"), where_of([row])), parent)
        self.note = QPlainTextEdit(row.note)
        self.note.setFixedHeight(NOTE_HEIGHT)
        self.note.setTabChangesFocus(True)
        self.form = Form()
        about = _("Shown with the server; the filter of the list finds it.")
        self.form.add("note", _("Note"), self.note, note=about, check=self._wrong)
        self.form.guard(self.act)
        self.slot.addWidget(self.form)
        self.note.setFocus()

    def _wrong(self) -> str:
        length = len(self.note.toPlainText())
        if length <= LONGEST_NOTE:
            return ""
        said = _("A note takes at most {most} characters; this one has {n}.")
        return said.format(most=words.number(LONGEST_NOTE), n=words.number(length))


#: What a change of maintenance is called on the button, and afterwards.
ACTS: Mapping[MaintenanceChange, str] = {
    "begin": N_("Begin maintenance"),
    "prolong": N_("Extend maintenance"),
    "shorten": N_("Shorten maintenance"),
}
SAID: Mapping[MaintenanceChange, str] = {
    "begin": N_("{servers} in maintenance"),
    "prolong": N_("Maintenance of {servers} extended"),
    "shorten": N_("Maintenance of {servers} shortened"),
}


class MaintenanceSheet(Sheet):
    """Until when: some hours, or a moment of one's own. Where it has begun, it is extended or shortened by that."""

    def __init__(self, rows: Sequence[ServerRow], parent: QWidget) -> None:
        has_begun = all(row.maintenance_until is not None for row in rows)
        words_above = _("Extend maintenance of {name}") if has_begun else _("Maintenance of {name}")
        title = _title(words_above, rows)
        super().__init__(SheetText(title, _(ACTS["begin"]), _("Cancel"), where_of(rows)), parent)
        self._rows = rows
        hours = [(str(each), ngettext("{n} hour", "{n} hours", each).format(n=each)) for each in HOURS]
        self.chips = Chips([*hours, (OTHER, _("Until..."))])
        self.chips.chosen.connect(self._choose)
        self.moment = MomentField(datetime.now(UTC) + timedelta(hours=HOURS[0]))
        self.form = Form()
        self.form.add("until", _("Until"), self.moment, check=self._wrong)
        self.form.guard(self.act)
        self.slot.addWidget(self.chips)
        self.slot.addWidget(self.form)
        self.moment.dateTimeChanged.connect(self._explain)
        self._choose(str(HOURS[0]))

    @property
    def until(self) -> datetime:
        """In UTC."""
        key = self.chips.current
        if key != OTHER:
            return datetime.now(UTC) + timedelta(hours=int(key))
        return self.moment.moment

    @property
    def said(self) -> str:
        """What became of it, in the words of a toast."""
        change, named = self._change, _named(self._rows)
        if change == "begin" and len(self._rows) == 1:
            return _("{name} is in maintenance").format(name=named)
        return _(SAID[change]).format(servers=named)

    @property
    def _change(self) -> MaintenanceChange:
        """Of all of them; that of some begins where that of others goes on."""
        changes = {maintenance_change(row.maintenance_until, self.until) for row in self._rows}
        return changes.pop() if len(changes) == 1 else "begin"

    def _choose(self, key: str) -> None:
        self.form.ask_for("until", is_asked=key == OTHER)
        self._explain()

    def _wrong(self) -> str:
        left = self.until - datetime.now(UTC)
        if left <= timedelta():
            return _("That time has passed.")
        most = _("Maintenance lasts at most {n} days.").format(n=LONGEST_MAINTENANCE.days)
        return most if left > LONGEST_MAINTENANCE else ""

    def _explain(self) -> None:
        self.act.setText(_(ACTS[self._change]))
        self.set_effects(
            [
                EffectLine(_("Ends"), _("by itself"), words.minute(self.until)),
                EffectLine(
                    _("Notifications"),
                    _("none"),
                    _("What the checks find in the meantime is recorded, but nobody is told."),
                ),
                EffectLine(_("Checks"), _("go on"), _("Metrics are still collected; the history has no gap.")),
                EffectLine(_("Undo"), _("possible"), _("You can end it at any time.")),
            ]
        )


def note_operation(row: ServerRow, key: str, parent: QWidget) -> ServerOperation:
    """The operation for one server."""
    if key == "tags":
        tags = TagSheet([row], parent)
        said = _("Tags of {name} saved").format(name=row.name)
        return ServerOperation(tags, lambda: tags.request_for(row), lambda: said, lambda: tags.undo_for(row))
    if key == "note":
        note = NoteSheet(row, parent)
        said = _("Note on {name} saved").format(name=row.name)
        return ServerOperation(
            note,
            lambda: NoteServer(row.id, note.note.toPlainText()),
            lambda: said,
            lambda: NoteServer(row.id, row.note),
        )
    sheet = MaintenanceSheet([row], parent)
    return ServerOperation(
        sheet,
        lambda: MaintainServer(row.id, sheet.until),
        lambda: sheet.said,
        lambda: MaintainServer(row.id, row.maintenance_until),
    )


def _title(text: str, rows: Sequence[ServerRow]) -> str:
    return text.format(name=_named(rows))


def _named(rows: Sequence[ServerRow]) -> str:
    many = ngettext("{n} server", "{n} servers", len(rows)).format(n=words.number(len(rows)))
    return rows[0].name if len(rows) == 1 else many


def _split(text: str) -> tuple[str, ...]:
    return plain_tags(text.split(","))


def _known(rows: Sequence[ServerRow]) -> str:
    tags = sorted({tag for row in rows for tag in row.tags})
    return _("Current tags: {tags}").format(tags=", ".join(tags)) if tags else _("None of these servers has a tag.")
