"""Which servers a client's workspace uses: a list to tick, saved as requests for what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.servers.queries import ServerRow, Servers
from backend.store.scope import AGENCY
from backend.workspaces.requests import UseServer
from widgets import tokens
from widgets.banner import Banner
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.label import Label
from widgets.overlay import Overlay
from widgets.search_field import SearchField

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.core.errors import MailyardError
    from backend.workspaces.queries import WorkspaceRow

EDGE, HEIGHT = 24, 420
SERVER = Qt.ItemDataRole.UserRole


class UseDialog(Overlay):
    """Shown by ``open()``. Nothing changes before *Save*; what is saved changes who sees the server, not the server."""

    def __init__(self, services: Services, workspace: WorkspaceRow, parent: QWidget) -> None:
        title = _("Servers used by {name}").format(name=workspace.name)
        super().__init__(title, parent)
        self._services = services
        self._workspace = workspace
        self._before: set[UUID] = set()
        self.setFixedWidth(tokens.SHEET_WIDTH)
        body = QVBoxLayout()
        body.setContentsMargins(EDGE, 20, EDGE, 12)
        body.setSpacing(10)
        body.addWidget(DialogHead(title, self))
        sees = _("The client sees these servers with their figures, and nothing of other clients.")
        body.addWidget(Label(sees, "muted", wraps=True))
        self.banner = Banner()
        body.addWidget(self.banner)
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
        self.keep, self.save = Button(_("Cancel")), Button(_("Save"), "primary")
        self.keep.clicked.connect(self.reject)
        self.save.clicked.connect(self._save)
        self.save.setEnabled(False)
        return DialogFooter(self.keep, self.save)

    def _show(self, rows: tuple[ServerRow, ...]) -> None:
        self._before = {row.id for row in rows if self._workspace.id in row.workspace_ids}
        for row in sorted(rows, key=lambda row: words.natural(row.name)):
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
            item.setHidden(not all(each in item.text().casefold() for each in wanted))

    def _save(self) -> None:
        ticked = self.ticked()
        for server in ticked ^ self._before:
            request = UseServer(self._workspace.id, server, is_used=server in ticked)
            self._services.submit.request(AGENCY, request)
        self.accept()

    def _failed(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy)
