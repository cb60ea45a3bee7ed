"""The sheets before a snapshot is taken, put back or deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from app.pages.servers.acts import ServerAct
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.text import _
from backend.servers.snapshots import check_words
from widgets.form import Form
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.services import Services
    from backend.servers.queries import ServerRow, SnapshotRow


class TakeSheet(Sheet):
    """Asks what the snapshot is to be called."""

    def __init__(self, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("Snapshot of {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Take snapshot"), _("Take none"), where), parent)
        self.words = QLineEdit(datetime.now().astimezone().strftime("%Y-%m-%d %H.%M"))
        self.form = Form()
        note = _("The provider shows it with a mark of Mailyard's behind it.")
        self.form.add("name", _("Name"), self.words, note=note, check=self._wrong_name)
        self.slot.addWidget(self.form)
        self.words.textChanged.connect(self._enable)
        self.set_effects(
            [
                EffectLine(_("Made"), _("1 snapshot"), _("of the disk as it is, as after a power cut")),
                EffectLine(_("Downtime"), _("none"), _("The server may be slower meanwhile.")),
                EffectLine(_("Cost"), _("more"), _("Providers charge for the space it takes, until it is deleted.")),
                EffectLine(_("Undo"), _("yes"), _("Delete it again.")),
            ]
        )

    def _enable(self, _text: str) -> None:
        self.act.setEnabled(not self._wrong_name())

    def _wrong_name(self) -> str:
        try:
            check_words(self.form.text("name"))
        except MailyardError as error:
            return error.sentence()
        return ""


def take_act(services: Services, row: ServerRow, parent: QWidget) -> ServerAct:
    sheet = TakeSheet(row, _where(services), parent)
    return ServerAct(sheet, "server.snapshot", lambda: {"server_id": str(row.id), "name": sheet.form.text("name")})


def restore_act(services: Services, row: ServerRow, snapshot: SnapshotRow, parent: QWidget) -> ServerAct:
    """What was written since is lost: the server's name must be typed."""
    title = _("Put {name} back to a snapshot").format(name=row.name)
    text = SheetText(title, _("Restore"), _("Leave it as it is"), _where(services), row.name)
    sheet = Sheet(text, parent)
    age = words.age(snapshot.created_at, datetime.now(UTC))
    sheet.set_effects(
        [
            EffectLine(_("Changed"), _("1 server"), _("its whole disk, as it was {age}").format(age=age)),
            EffectLine(_("Mail"), _("lost"), _("All that was received and written since then is gone.")),
            EffectLine(_("Downtime"), _("some minutes"), _("Senders try again for days.")),
            EffectLine(_("Undo"), _("none"), _("Take a snapshot of it as it is now before.")),
        ]
    )
    return ServerAct(sheet, "server.restore", lambda: _about(row, snapshot) | {"typed_name": row.name})


def delete_act(services: Services, row: ServerRow, snapshot: SnapshotRow, parent: QWidget) -> ServerAct:
    title = _("Delete the snapshot {name}").format(name=snapshot.name)
    text = SheetText(title, _("Delete for good"), _("Keep it"), _where(services), snapshot.name)
    sheet = Sheet(text, parent)
    sheet.set_effects(
        [
            EffectLine(_("Removed"), _("1 snapshot"), _("The server itself is not touched.")),
            EffectLine(_("Cost"), _("less"), _("Its space is no longer charged.")),
            EffectLine(_("Undo"), _("none"), ""),
        ]
    )
    return ServerAct(sheet, "snapshot.delete", lambda: _about(row, snapshot) | {"typed_name": snapshot.name})


def _about(row: ServerRow, snapshot: SnapshotRow) -> dict[str, object]:
    return {"server_id": str(row.id), "snapshot_id": snapshot.id}


def _where(services: Services) -> str:
    return services.view.name or _("All workspaces")
