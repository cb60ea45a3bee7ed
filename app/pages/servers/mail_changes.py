"""The menu of a mail server that runs: other settings, stop and start, other secrets of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.pages.servers.mail_by_hand import KeepFilesSheet
from app.pages.servers.mail_change_sheets import ChangeMailSheet, PowerMailSheet, RenewPasswordSheet, RenewTokenSheet
from app.shell.route import Route
from app.shell.window.said import Said
from backend.core.present.text import _
from widgets.menu import Menu
from widgets.tip import set_tip

if TYPE_CHECKING:
    from uuid import UUID

    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from app.shell.window.asking_sheet import AskingSheet
    from backend.mail.queries import MailServerRow


class MailChanges(Menu):
    """An entry an act. ``said`` carries the :class:`app.shell.window.said.Said` of what was asked for."""

    said = Signal(object)

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent, _("More actions for this mail server"))
        self.setToolTipsVisible(True)
        self._services = services
        self._row: MailServerRow | None = None
        self.change = self.addAction(_("Change settings..."))
        self.change.triggered.connect(self._change)
        self.addSeparator()
        self.restart, self.stop = self.addAction(_("Restart...")), self.addAction(_("Stop..."))
        self.start = self.addAction(_("Start..."))
        for action, act in ((self.restart, "restart"), (self.stop, "stop"), (self.start, "start")):
            action.triggered.connect(partial(self._power, act))
        self.addSeparator()
        self.token = self.addAction(_("Renew API token..."))
        self.token.triggered.connect(self._renew)
        self.password = self.addAction(_("Renew administrator's password..."))
        self.password.triggered.connect(self._renew_password)
        self.addSeparator()
        self.keep = self.addAction(_("Keep what was changed by hand..."))
        self.keep.triggered.connect(self._keep)

    def show_mail(self, row: MailServerRow) -> None:
        """What fits this mail server; what does not says why."""
        self._row = row
        self.keep.setVisible(bool(row.changed_by_hand))
        runs, is_stopped = row.state == "running", row.state == "stopped"
        watched = _("adopted, watched only: its API is not open to Mailyard") if row.is_watched_only else ""
        why = watched or ("" if runs else _("the mail server does not run"))
        for action in (self.change, self.restart, self.stop, self.token):
            action.setEnabled(not why)
            set_tip(action, why)
        why_no_password = why or ("" if row.has_admin else _("adopted: Mailyard does not know the password"))
        self.password.setEnabled(not why_no_password)
        set_tip(self.password, why_no_password)
        self.start.setEnabled(not watched)
        set_tip(self.start, watched)
        self.restart.setVisible(not is_stopped)
        self.stop.setVisible(not is_stopped)
        self.start.setVisible(is_stopped)

    def _change(self) -> None:
        if self._row is not None:
            self._open(ChangeMailSheet(self._services, self._row, self._over()), _("Preview of the settings"))

    def _renew(self) -> None:
        if self._row is not None:
            self._open(RenewTokenSheet(self._services, self._row, self._over()), _("New API token"))

    def _renew_password(self) -> None:
        if self._row is not None:
            self._open(RenewPasswordSheet(self._services, self._row, self._over()), _("New administrator's password"))

    def _keep(self) -> None:
        """No job comes of it: what was asked for is done at once."""
        if self._row is not None:
            KeepFilesSheet(self._services, self._row, self._over()).open()

    def _power(self, act: str, _is_on: bool = False) -> None:
        if self._row is not None:
            sheet = PowerMailSheet(self._services, self._row, act, self._over())  # type: ignore[arg-type]
            self._open(sheet, sheet.act.text())

    def _over(self) -> QWidget:
        """What a sheet opens over: a menu is a window of its own."""
        parent = self.parentWidget()
        assert parent is not None
        return parent.window()

    def _open(self, sheet: AskingSheet, what: str) -> None:
        name = self._row.server if self._row is not None else ""
        sheet.taken.connect(partial(self._taken, what, name))
        sheet.open()

    def _taken(self, what: str, name: str, jobs: tuple[UUID, ...]) -> None:
        said = _("{act} requested: {servers}").format(act=what, servers=name)
        self.said.emit(Said(said, Route("activity", item=jobs[0])))
