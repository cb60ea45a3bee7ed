"""Which servers a client's workspace uses: a list to tick, saved as wishes for what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import _
from backend.servers.queries import ServerRow, Servers
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.label import Label
from widgets.notice import Notice
from widgets.search_field import SearchField

if TYPE_CHECKING:
    from app.shell.services import Services
    from backend.core.errors import MailyardError
    from backend.workspaces.queries import WorkspaceRow

EDGE, HEIGHT = 24, 420
SERVER = Qt.ItemDataRole.UserRole


class UseDialog(QDialog):
    """Shown by ``open()``. Nothing changes before *Save*; what is saved changes who sees the server, not the server."""

    def __init__(self, services: Services, workspace: WorkspaceRow, parent: QWidget) -> None:
        super().__init__(parent)
        self._services = services
        self._workspace = workspace
        self._before: set[UUID] = set()
        title = _("Servers used by {name}").format(name=workspace.name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(tokens.SHEET_WIDTH)
        body = QVBoxLayout()
        body.setContentsMargins(EDGE, 20, EDGE, 12)
        body.setSpacing(10)
        body.addWidget(Label(title, "section", wraps=True))
        body.addWidget(
            Label(_("The client sees these servers with their figures, and nothing of other clients."), "muted")
        )
        self.notice = Notice()
        body.addWidget(self.notice)
        self.filter = SearchField(_("Filter servers"))
        self.filter.textChanged.connect(self._filter)
        body.addWidget(self.filter)
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        self.list.setMinimumHeight(HEIGHT)
        body.addWidget(self.list, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(body, 1)
        outer.addWidget(self._footer())
        services.reader.ask(self, "servers", Servers(services.view.whole_scope()), self._show, self._failed)

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def ticked(self) -> set[UUID]:
        """The servers that are ticked now."""
        items = [self.list.item(at) for at in range(self.list.count())]
        return {item.data(SERVER) for item in items if item.checkState() is Qt.CheckState.Checked}

    def _footer(self) -> DialogFooter:
        self.keep, self.save = Button(_("Leave as it is")), Button(_("Save"), "primary")
        self.keep.clicked.connect(self.reject)
        self.save.clicked.connect(self._save)
        self.save.setEnabled(False)
        return DialogFooter(self.keep, self.save)

    def _show(self, rows: tuple[ServerRow, ...]) -> None:
        self._before = {row.id for row in rows if self._workspace.id in row.workspace_ids}
        for row in sorted(rows, key=lambda row: row.name):
            item = QListWidgetItem(row.name, self.list)
            item.setData(SERVER, row.id)
            item.setSizeHint(QSize(0, tokens.ROW))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            is_used = row.id in self._before
            item.setCheckState(Qt.CheckState.Checked if is_used else Qt.CheckState.Unchecked)
        self.save.setEnabled(bool(rows))

    def _filter(self, text: str) -> None:
        wanted = text.casefold().split()
        for at in range(self.list.count()):
            item = self.list.item(at)
            item.setHidden(not all(word in item.text().casefold() for word in wanted))

    def _save(self) -> None:
        ticked = self.ticked()
        for server in ticked ^ self._before:
            wish = {"workspace_id": str(self._workspace.id), "server_id": str(server), "is_used": server in ticked}
            self._services.submit.wish(AGENCY, "workspace.use_server", wish)
        self.accept()

    def _failed(self, error: MailyardError) -> None:
        self.notice.say(Status.CRITICAL, error.title, error.remedy)
