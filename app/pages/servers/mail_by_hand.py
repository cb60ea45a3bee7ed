"""What somebody changed by hand in the files of a mail server, and the sheet that keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.present.text import _
from backend.mail.files.names import named
from backend.mail.requests import KeepFiles
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.secrets.values import SecretRef
    from backend.mail.queries import MailServerRow

MOST_NAMED = 12


class KeepFilesSheet(AskingSheet):
    """Each setting by name; its value is told by comparing, secrets never."""

    def __init__(self, services: Services, row: MailServerRow, parent: QWidget) -> None:
        title = _("Keep what was changed by hand")
        super().__init__(services, SheetText(title, _("Keep as it is"), _("Cancel"), row.server), parent)
        self._row = row
        self.set_effects(
            [
                EffectLine(_("Kept"), named(row.changed_by_hand, MOST_NAMED), _("Nothing on the server changes.")),
                EffectLine(_("From now on"), _("as it should be"), _("You are told when it is changed again.")),
                EffectLine(_("Undo"), _("possible"), _("Change settings can set back what Mailyard would write.")),
            ]
        )

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(KeepFiles(self._row.server_id, self._row.files_stamp)),)
