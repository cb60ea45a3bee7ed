"""What the window must say above any page: no engine runs, the secret store is locked, a wish was refused, a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.shell.opening import Opening
from app.shell.unlock import UnlockSheet
from backend.core.errors import MailyardError
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.notice import Notice

if TYPE_CHECKING:
    from app.shell.last_end import LastEnd
    from app.shell.secret_state import SecretState
    from app.shell.services import Services
    from backend.engine.presence import Presence


class Troubles(QObject):
    """Owner of the notices above the page; lives in the GUI thread with the window."""

    def __init__(self, services: Services, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._window = window
        self.bar = QWidget()
        column = QVBoxLayout(self.bar)
        edge = tokens.PAGE_PADDING
        column.setContentsMargins(edge, tokens.SPACE[2], edge, 0)
        column.setSpacing(tokens.SPACE[1])
        self.engine, self.locked, self.refused, self.ended = Notice(), Notice(), Notice(), Notice()
        self._notices = (self.engine, self.locked, self.refused, self.ended)
        for notice in self._notices:
            column.addWidget(notice)
            notice.installEventFilter(self)
        self.bar.hide()
        self.ended.acted.connect(self._show_report)
        self._report = ""
        self.engine.acted.connect(self.take_over)
        self.locked.acted.connect(self.unlock)
        self.refused.acted.connect(self.refused.clear)
        self._taking = Opening(self._become_engine, self)
        self._taking.ready.connect(self._took_over)
        self._taking.failed.connect(self.show_no_engine)
        services.submit.trouble.connect(self.show)
        services.bridge.changed.connect(self._on_changes)
        self._ask_secrets()

    def eventFilter(self, _notice: QObject, event: QEvent) -> bool:
        """The bar takes room only while one of them says something."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.bar.setVisible(any(not each.isHidden() for each in self._notices))
        return False

    def show(self, error: MailyardError) -> None:
        """Say what became of something the person asked for."""
        self.refused.say(Status.CRITICAL, error.title, error.remedy, _("Close"), details=error.detail)

    def show_presence(self, presence: Presence) -> None:
        """Offer to take over where no engine is alive."""
        if presence.is_alive or not self._services.growing.is_done:
            self.engine.clear()
            return
        words = _("Jobs and checks wait. Everything you asked for is kept.")
        self.engine.say(Status.WARNING, _("The engine has ended"), words, _("Take over here"))

    def show_no_engine(self, error: MailyardError) -> None:
        """This window could not become the engine: everything can be read, nothing is done."""
        self.engine.say(Status.CRITICAL, error.title, error.remedy, _("Try again"), details=error.detail)

    def show_last_end(self, end: LastEnd) -> None:
        """Tell once that the last run did not end in good order; the report is looked at before anybody gets it."""
        if end.was_clean:
            return
        self._report = end.report
        remedy = _("Nothing you asked for is lost: jobs went on from where they stopped.")
        if end.report:
            title = _("Mailyard crashed the last time")
            remedy = _("{kept} The report says where in the program it happened.").format(kept=remedy)
        else:
            title = _("Mailyard was ended from outside the last time")
        self.ended.say(Status.WARNING, title, remedy, _("See the report...") if end.report else _("Close"))

    def _show_report(self) -> None:
        self.ended.clear()
        if self._report:
            from app.shell.diagnostics_dialog import DiagnosticsDialog

            DiagnosticsDialog(self._services, self._window, first=self._report).open()

    def take_over(self) -> None:
        """Become the engine in this process."""
        self.engine.clear()
        self._taking.start()

    def unlock(self) -> None:
        """Ask for the passphrase of the secret store."""
        sheet = UnlockSheet(self._services, self._window)
        sheet.unlocked.connect(self.locked.clear)
        sheet.open()

    def close(self) -> None:
        """Wait for a take-over under way."""
        self._taking.leave()

    def _on_changes(self, topics: frozenset[str]) -> None:
        if "accounts" in topics and self.locked.text:
            self._ask_secrets()

    def _ask_secrets(self) -> None:
        from app.shell.secret_state import SecretStates

        states = SecretStates(self._services.installation.secrets)
        self._services.reader.ask(self, "secrets", states, self._show_secrets, self.show)

    def _show_secrets(self, state: SecretState) -> None:
        if not (state.exists and state.is_locked):
            self.locked.clear()
            return
        words = _("Jobs that need a token or an SSH key wait until it is open.")
        self.locked.say(Status.WAITING, _("The secret store is locked"), words, _("Unlock..."))

    def _become_engine(self) -> bool:
        return self._services.installation.become_engine("console")

    def _took_over(self, _is_ours: bool) -> None:
        """Whether it is us or another window that was quicker, the status bar says."""
