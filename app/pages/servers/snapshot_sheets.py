"""The sheets before a snapshot is taken, put back or deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from app.pages.servers.operations import ServerOperation, where_of
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.text import _
from backend.servers.requests import DeleteSnapshot, RestoreSnapshot, TakeSnapshot
from backend.servers.snapshots import check_words
from widgets.form import Form
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from backend.servers.queries import ServerRow, SnapshotRow


class TakeSheet(Sheet):
    """Asks what the snapshot is to be called."""

    def __init__(self, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("Snapshot of {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Take snapshot"), _("Cancel"), where), parent)
        self.words = QLineEdit(datetime.now().astimezone().strftime("%Y-%m-%d %H.%M"))
        self.form = Form()
        note = _("At the provider its name ends with Mailyard's ownership tag.")
        self.form.add("name", _("Name"), self.words, note=note, check=self._wrong_name)
        self.form.guard(self.act)
        self.slot.addWidget(self.form)
        self.set_effects(
            [
                EffectLine(_("Created"), _("1 snapshot"), _("of the disk as it is now, crash-consistent")),
                EffectLine(_("Downtime"), _("none"), _("The server may be slower in the meantime.")),
                EffectLine(_("Cost"), _("more"), _("Providers bill its storage until it is deleted.")),
                EffectLine(_("Undo"), _("possible"), _("Delete it again.")),
            ]
        )

    def _wrong_name(self) -> str:
        try:
            check_words(self.form.text("name"))
        except MailyardError as error:
            return error.sentence()
        return ""


def take_operation(row: ServerRow, parent: QWidget) -> ServerOperation:
    sheet = TakeSheet(row, where_of([row]), parent)
    return ServerOperation(sheet, lambda: TakeSnapshot(row.id, sheet.form.text("name")))


def restore_operation(row: ServerRow, snapshot: SnapshotRow, parent: QWidget) -> ServerOperation:
    """What was written since is lost: the server's name must be typed."""
    title = _("Restore {name} from a snapshot").format(name=row.name)
    text = SheetText(title, _("Restore"), _("Cancel"), where_of([row]), row.name)
    sheet = Sheet(text, parent)
    age = words.age(snapshot.created_at, datetime.now(UTC))
    sheet.set_effects(
        [
            EffectLine(_("Changed"), _("1 server"), _("its whole disk, as it was {age}").format(age=age)),
            EffectLine(_("Mail"), _("lost"), _("Everything received or written since then is lost.")),
            EffectLine(_("Downtime"), _("some minutes"), _("Senders retry for days.")),
            EffectLine(_("Undo"), _("not possible"), _("Take a snapshot of the current state first.")),
        ]
    )
    return ServerOperation(sheet, lambda: RestoreSnapshot(row.id, snapshot.id, row.name))


def delete_operation(row: ServerRow, snapshot: SnapshotRow, parent: QWidget) -> ServerOperation:
    title = _("Delete the snapshot “{name}”").format(name=snapshot.name)
    text = SheetText(title, _("Delete permanently"), _("Keep it"), where_of([row]), snapshot.name)
    sheet = Sheet(text, parent)
    sheet.set_effects(
        [
            EffectLine(_("Removed"), _("1 snapshot"), _("The server itself is not changed.")),
            EffectLine(_("Cost"), _("less"), _("Its storage is no longer billed.")),
            EffectLine(_("Undo"), _("not possible"), ""),
        ]
    )
    return ServerOperation(sheet, lambda: DeleteSnapshot(row.id, snapshot.id, snapshot.name))
