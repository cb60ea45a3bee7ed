"""Settings > Updates: whether a newer version was released. Off until an address is given; nothing updates itself."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from app.shell.window.part import PanelPart
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.banner import Banner
from widgets.button import Button
from widgets.form import Form
from widgets.label import Label
from widgets.tip import set_tip

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from backend.core.errors import MailyardError
    from backend.upkeep.updates import Release


class UpdatesPart(PanelPart):
    """Address and key are kept as they are typed; looking happens when asked for, and at no other time.

    Who has neither is told where newer versions come from; the fields are there for whoever was given something to
    enter.
    """

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Updates"))
        ours = _("You have version {version}.").format(version=metadata.version("mailyard"))
        self.panel.body.addWidget(Label(ours))
        self.words = Label("", "muted", wraps=True)
        self.panel.body.addWidget(self.words)
        self.enter = Button(_("Enter address and key..."))
        self.enter.clicked.connect(self._open)
        self.add_row(self.enter)
        now = page.services.settings.now
        self.address, self.key = QLineEdit(now.update_address), QLineEdit(now.update_key)
        self.form = Form()
        self.form.add("address", _("URL of the signed release file"), self.address)
        note = _(
            "Ed25519, base64. Get it from whoever gave you the program, not from the same place as the release file."
        )
        self.form.add("key", _("Publisher's public key"), self.key, note=note)
        self.panel.body.addWidget(self.form)
        self.look = Button(_("Check for updates"))
        self.look.clicked.connect(self._look)
        self.add_row(self.look)
        self.banner = Banner()
        self.panel.body.addWidget(self.banner)
        self.panel.body.addStretch(1)
        for field in (self.address, self.key):
            field.textChanged.connect(self._keep)
        self._keep()
        self._show_form(is_shown=bool(now.update_address or now.update_key))

    def _open(self) -> None:
        self._show_form(is_shown=True)
        self.address.setFocus()

    def _show_form(self, *, is_shown: bool) -> None:
        self.form.setVisible(is_shown)
        self.look.setVisible(is_shown)
        self.enter.setVisible(not is_shown)
        self.words.setText(
            _("Checked only when you press the button. A newer version is announced, never installed.")
            if is_shown
            else _(
                "Newer versions come from where you got this one: install the newer package over it. If whoever "
                "publishes your packages gave you an address and a public key, Mailyard can look there for you."
            )
        )

    def _keep(self) -> None:
        address, key = self.address.text().strip(), self.key.text().strip()
        now = self._page.services.settings.now
        if (address, key) != (now.update_address, now.update_key):
            self._page.services.settings.change(update_address=address, update_key=key)
        reason = "" if address and key else _("Enter the URL and the key first.")
        self.look.setEnabled(not reason)
        set_tip(self.look, reason)

    def _look(self) -> None:
        from backend.upkeep.updates import NewestRelease

        now = self._page.services.settings.now
        query = NewestRelease(now.update_address, now.update_key)
        self.look.setEnabled(False)
        # For the page: when it closes, or is built anew in another language, the answer finds nobody.
        self._page.services.reader.ask(self._page, "release", query, self._show, self._failed)

    def _show(self, release: Release) -> None:
        self.look.setEnabled(True)
        ours = metadata.version("mailyard")
        if release.is_newer_than(ours):
            title = _("Version {version} was released on {day}.").format(
                version=release.version, day=words.full_day(release.released)
            )
            remedy = _("You have {version}. What is new: {notes}").format(version=ours, notes=release.notes)
            self.banner.say(Status.WARNING, title, remedy)
        else:
            self.banner.say(Status.OK, _("You have the newest version, {version}.").format(version=ours))

    def _failed(self, error: MailyardError) -> None:
        self.look.setEnabled(True)
        self.banner.say(Status.CRITICAL, error.title, error.remedy, details=error.detail)
