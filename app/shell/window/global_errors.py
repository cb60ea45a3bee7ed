"""What the window must say above any page: no engine runs, the secret store is locked, a request was refused, a
fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.shell.background.task import BackgroundTask
from app.shell.session.secret_state import UNLOCKING
from app.shell.window.unlock import UnlockSheet
from backend.core.errors import MailyardError
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.banner import Banner

if TYPE_CHECKING:
    from app.shell.diagnostics.crash_marker import LastExit
    from app.shell.session.secret_state import SecretState
    from app.shell.session.services import Services
    from backend.engine.presence import Presence


class GlobalErrors(QObject):
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
        self.engine, self.locked, self.refused, self.ended = Banner(), Banner(), Banner(), Banner()
        self._banners = (self.engine, self.locked, self.refused, self.ended)
        for banner in self._banners:
            column.addWidget(banner)
            banner.installEventFilter(self)
        self.bar.hide()
        self.ended.acted.connect(self._show_report)
        self._report = ""
        self.engine.acted.connect(self.take_over)
        self.locked.acted.connect(self.unlock)
        self.refused.acted.connect(self.refused.clear)
        self._taking = BackgroundTask(self._become_engine, self)
        self._taking.ready.connect(self._took_over)
        self._taking.failed.connect(self.show_no_engine)
        services.submit.trouble.connect(self.show)
        services.bridge.changed.connect(self._on_changes)

    def eventFilter(self, _banner: QObject, event: QEvent) -> bool:
        """The bar takes room only while one of them says something."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.bar.setVisible(any(not each.isHidden() for each in self._banners))
        return False

    def show(self, error: MailyardError) -> None:
        """Say what became of something the person asked for."""
        self.refused.say(Status.CRITICAL, error.title, error.remedy, _("Close"), details=error.detail)

    def show_presence(self, presence: Presence) -> None:
        """Offer to take over where no engine is alive."""
        if presence.is_alive or not self._services.engine_start.is_done:
            self.engine.clear()
            return
        if self._services.engine.trouble is not None:
            self.show_engine()
            return
        words = _("Jobs and checks are paused. All requests are kept.")
        again = _("Start the engine again") if self._services.engine.was_running else _("Run the engine here")
        self.engine.say(Status.WARNING, _("The engine has stopped"), words, again)

    def show_engine(self) -> None:
        """What is known of an engine of this window's that is not there."""
        trouble = self._services.engine.trouble
        if trouble is not None:
            words = _("Start the engine again")
            self.engine.say(Status.CRITICAL, trouble.title, trouble.remedy, words, details=trouble.detail)

    def show_no_engine(self, error: MailyardError) -> None:
        """This window could not become the engine: everything can be read, nothing is done."""
        self.engine.say(Status.CRITICAL, error.title, error.remedy, _("Retry"), details=error.detail)

    def show_last_exit(self, end: LastExit) -> None:
        """Tell once that the last run did not end in good order; the report is looked at before anybody gets it."""
        if end.was_clean:
            return
        self._report = end.report
        remedy = _("No request is lost: jobs resumed where they stopped.")
        if end.report:
            title = _("Mailyard crashed last time")
            remedy = _("{kept} The report shows where in the program it happened.").format(kept=remedy)
        else:
            title = _("Mailyard was killed last time")
        self.ended.say(Status.WARNING, title, remedy, _("View report...") if end.report else _("Close"))

    def _show_report(self) -> None:
        self.ended.clear()
        if self._report:
            from app.shell.diagnostics.dialog import DiagnosticsDialog

            DiagnosticsDialog(self._services, self._window, first=self._report).open()

    def take_over(self) -> None:
        """Begin the engine that this window can have."""
        self.engine.clear()
        self._taking.start()

    def unlock(self) -> None:
        """Ask for the passphrase of the secret store."""
        UnlockSheet(self._services, self._window).open()

    def close(self) -> None:
        """Wait for a take-over under way."""
        self._taking.leave()

    def _on_changes(self, topics: frozenset[str]) -> None:
        if UNLOCKING in topics or ("accounts" in topics and self.locked.text):
            self.ask_secrets()

    def ask_secrets(self) -> None:
        """Whether the secret store is open; asked once a page is on the screen: finding the keyring takes long."""
        from app.shell.session.secret_state import SecretStates

        states = SecretStates(self._services.installation.secrets)
        self._services.reader.ask(self, "secrets", states, self._show_secrets, self.show)

    def _show_secrets(self, state: SecretState) -> None:
        if not (state.exists and state.is_locked):
            self.locked.clear()
            return
        if state.place == "keyring":  # no passphrase opens it
            self.locked.say(Status.CRITICAL, _("The secret store is locked"), state.why)
            return
        words = _("Jobs that need a token or an SSH key wait until it is unlocked.")
        self.locked.say(Status.WAITING, _("The secret store is locked"), words, _("Unlock..."))

    def _become_engine(self) -> None:
        self._services.engine.start(self._services.installation)

    def _took_over(self, _nothing: object) -> None:
        """Whether it is ours or another window's that was quicker, the status bar says."""
