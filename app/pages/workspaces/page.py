"""The Workspaces page: the agency and its clients, and which servers each of them uses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.pages.workspaces.use_dialog import UseDialog
from app.shell.window.name_dialog import NameDialog
from app.shell.window.page import Page
from backend.core.present import format as words
from backend.core.present.text import _
from backend.store.scope import AGENCY
from backend.workspaces.queries import WorkspaceRow, Workspaces
from backend.workspaces.requests import ArchiveWorkspace, CreateWorkspace, RenameWorkspace
from widgets import tokens
from widgets.button import Button
from widgets.panel import Panel
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.sheet import EffectLine, Sheet, SheetText
from widgets.tip import set_tip

if TYPE_CHECKING:
    from app.shell.session.services import Services

MOST_LETTERS = 120


class WorkspacesPage(Page):
    """A workspace is made in the head of the page; what can be done with the chosen one stands below the list."""

    topics = frozenset(Workspaces.topics)

    def __init__(self, services: Services) -> None:
        super().__init__(services, _("Workspaces"))
        self.header.note.setText(_("one for each client or project"))
        self.new = Button(_("New workspace"), "primary")
        self.new.clicked.connect(self._create)
        self.header.add(self.new)
        panel = Panel()
        self.table: RecordTable[WorkspaceRow] = RecordTable(_columns(), lambda row: row.id, _("Workspaces"))
        self.table.chosen.connect(self._enable)
        panel.body.addWidget(self.table, 1)
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 12)
        self.rename = Button(_("Rename..."))
        self.servers, self.archive = Button(_("Servers...")), Button(_("Archive..."))
        self.rename.clicked.connect(self._rename)
        self.servers.clicked.connect(self._choose_servers)
        self.archive.clicked.connect(self._archive)
        for button in (self.rename, self.servers, self.archive):
            row.addWidget(button)
        row.addStretch(1)
        panel.body.addWidget(bar)
        self.add(panel)

    @property
    def main_list(self) -> QWidget:
        return self.table

    def refresh(self) -> None:
        self.ask("workspaces", Workspaces(), self._show)

    def _show(self, rows: tuple[WorkspaceRow, ...]) -> None:
        self.table.set_rows(rows)
        if rows and self.table.current() is None:
            self.table.selectRow(0)
        self._enable(self.table.current())

    def _enable(self, row: WorkspaceRow | None) -> None:
        self.rename.setEnabled(row is not None)
        for button in (self.servers, self.archive):
            button.setEnabled(row is not None and not row.is_agency)
            set_tip(button, _("for a client's workspace only") if row is not None and row.is_agency else "")

    def _create(self) -> None:
        dialog = self._name_dialog(_("New workspace"), _("Create workspace"), "")
        dialog.named.connect(self._create_named)
        dialog.open()

    def _name_dialog(self, title: str, act: str, text: str) -> NameDialog:
        wrong = _("A workspace needs a name of at most {n} characters.").format(n=MOST_LETTERS)
        return NameDialog(title, act, self.window(), text=text, most=MOST_LETTERS, wrong=wrong)

    def _create_named(self, name: str) -> None:
        self.services.submit.request(AGENCY, CreateWorkspace(uuid4(), name))

    def _rename(self) -> None:
        row = self.table.current()
        if row is not None:
            self._row = row
            dialog = self._name_dialog(_("Rename workspace"), _("Rename"), row.name)
            dialog.named.connect(self._rename_to)
            dialog.open()

    def _rename_to(self, name: str) -> None:
        self.services.submit.request(AGENCY, RenameWorkspace(self._row.id, name))

    def _choose_servers(self) -> None:
        row = self.table.current()
        if row is not None:
            UseDialog(self.services, row, self.window()).open()

    def _archive(self) -> None:
        row = self.table.current()
        if row is None:
            return
        self._row = row
        title = _("Archive {name}").format(name=row.name)
        sheet = Sheet(SheetText(title, _("Archive"), _("Keep it"), row.name), self.window())
        sheet.set_effects(
            [
                EffectLine(_("Hidden"), _("1 workspace"), _("Its records stay in the database.")),
                EffectLine(
                    _("Servers"), words.number(row.servers), _("are no longer assigned to it; they keep running")
                ),
            ]
        )
        sheet.agreed.connect(self._archive_now)
        sheet.open()

    def _archive_now(self) -> None:
        self.services.submit.request(AGENCY, ArchiveWorkspace(self._row.id))


def _columns() -> tuple[Column[WorkspaceRow], ...]:
    return (
        Column(_("Workspace"), text=lambda row: row.name),
        Column(_("Kind"), text=lambda row: _("agency") if row.is_agency else _("client")),
        Column(
            _("Servers used"),
            text=lambda row: words.number(row.servers),
            sort=lambda row: row.servers,
            is_number=True,
        ),
    )
