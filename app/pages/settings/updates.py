"""Settings > Updates: whether a newer version was released. Off until an address is given; nothing updates itself."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from app.pages.settings.parts import Part
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.button import Button
from widgets.form import Form
from widgets.label import Label
from widgets.notice import Notice

if TYPE_CHECKING:
    from app.shell.page import Page
    from backend.core.errors import MailyardError
    from backend.upkeep.updates import Release


class UpdatesPart(Part):
    """Address and key are kept as they are typed; looking happens when asked for, and at no other time."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Updates"))
        text = _("Looked for only when you press the button. What is found is named, never installed.")
        self.panel.body.addWidget(Label(text, "muted", wraps=True))
        now = page.services.settings.now
        self.address, self.key = QLineEdit(now.update_address), QLineEdit(now.update_key)
        self.form = Form()
        self.form.add("address", _("Address of the signed notice"), self.address)
        note = _("Ed25519, base64; from whoever gave you the program, not from the same place as the notice.")
        self.form.add("key", _("Public key of who publishes it"), self.key, note=note)
        self.panel.body.addWidget(self.form)
        self.look = Button(_("Look for a newer version"))
        self.look.clicked.connect(self._look)
        self.add_row(self.look)
        self.notice = Notice()
        self.panel.body.addWidget(self.notice)
        self.panel.body.addStretch(1)
        for field in (self.address, self.key):
            field.textChanged.connect(self._keep)
        self._keep()

    def _keep(self) -> None:
        address, key = self.address.text().strip(), self.key.text().strip()
        now = self._page.services.settings.now
        if (address, key) != (now.update_address, now.update_key):
            self._page.services.settings.change(update_address=address, update_key=key)
        self.look.setEnabled(bool(address and key))

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
            self.notice.say(Status.WARNING, title, remedy)
        else:
            self.notice.say(Status.OK, _("You have the newest version, {version}.").format(version=ours))

    def _failed(self, error: MailyardError) -> None:
        self.look.setEnabled(True)
        self.notice.say(Status.CRITICAL, error.title, error.remedy, details=error.detail)
