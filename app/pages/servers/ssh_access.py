"""*Open SSH* and *Copy SSH command*: a terminal on a server, to its pinned host key and no other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from app.shell.desktop.ssh_call import LoginOf, OpenSsh
from app.shell.window.said import Said
from backend.core.present.text import _
from backend.core.ssh.command import for_own_keys

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from backend.core.errors import MailyardError
    from backend.core.ssh.session import Login
    from backend.servers.queries import ServerRow


class SshAccess(QObject):
    """Owned by the page; goes when it has answered. What it reads of secrets leaves with the answer."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page

    def open(self, row: ServerRow) -> None:
        """Open the system's terminal with ssh in it."""
        query = OpenSsh(self._page.services.installation.servers, row.id)
        self._page.services.reader.ask(self, "ssh", query, partial(self._opened, row.name), self._failed)

    def copy(self, row: ServerRow) -> None:
        """Put one line for a shell onto the clipboard."""
        query = LoginOf(self._page.services.installation.servers, row.id)
        self._page.services.reader.ask(self, "ssh", query, self._copied, self._failed)

    def _opened(self, name: str, _shown: str) -> None:
        self._page.said.emit(Said(_("SSH to {name} opened in a terminal").format(name=name)))
        self.deleteLater()

    def _copied(self, login: Login) -> None:
        QGuiApplication.clipboard().setText(for_own_keys(login))
        said = _("SSH command for {name} copied: it uses your own keys, and accepts the pinned host key only")
        self._page.said.emit(Said(said.format(name=login.shown)))
        self.deleteLater()

    def _failed(self, error: MailyardError) -> None:
        self._page.show_error(error)
        self.deleteLater()
