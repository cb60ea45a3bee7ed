"""Settings > Secrets: whether secrets that are due are renewed without a person's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox

from backend.core.present.status import Status
from backend.core.present.text import _
from backend.store.scope import AGENCY
from backend.upkeep.queries import RenewalByItself, RenewalRow
from backend.upkeep.requests import RenewByThemselves
from widgets.banner import Banner
from widgets.label import Label
from widgets.panel import Panel

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from backend.core.errors import MailyardError


class RenewalPanel(Panel):
    """One switch. What was refused stands as it was, with why."""

    topics = frozenset(RenewalByItself.topics)

    def __init__(self, page: Page) -> None:
        super().__init__(_("Renewal"), padded=True)
        self._page = page
        self._is_on, self._under_way = False, 0
        self.wanted = QCheckBox(_("Renew secrets when they are due"))
        self.wanted.setAccessibleName(self.wanted.text())
        self.wanted.setEnabled(False)  # until it is known how it stands
        self.wanted.toggled.connect(self._choose)
        self.body.addWidget(self.wanted)
        words = _(
            "SSH keys after 90 days, passwords of mail administrators and API tokens of mail servers after 180. At most"
            " ten a day: none of a server that is in maintenance, not well or busy. Tokens of accounts"
            " are always yours to renew."
        )
        self.body.addWidget(Label(words, "muted", wraps=True))
        self.banner = Banner()
        self.body.addWidget(self.banner)

    def refresh(self) -> None:
        self._page.ask("renewal", RenewalByItself(), self._show)

    def _show(self, row: RenewalRow) -> None:
        """What was asked for since is not overwritten by what was read before."""
        if self._under_way:
            return
        self._is_on = row.is_on
        with QSignalBlocker(self.wanted):
            self.wanted.setChecked(row.is_on)
        self.wanted.setEnabled(True)

    def _choose(self, is_on: bool) -> None:
        self.banner.clear()
        self._under_way += 1
        self._page.services.submit.ask(self, AGENCY, RenewByThemselves(is_on), self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        self._under_way -= 1
        if error is not None:
            self.banner.say(Status.CRITICAL, error.title, error.remedy)
            with QSignalBlocker(self.wanted):
                self.wanted.setChecked(self._is_on)
            return
        self.refresh()
