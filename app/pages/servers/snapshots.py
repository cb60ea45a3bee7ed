"""The Snapshots tab of a server: what was taken, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.pages.servers.operations import lacking, unfit
from backend.core.present import format as words
from backend.core.present.text import _
from backend.servers.queries import ServerRow, SnapshotRow
from widgets import tokens
from widgets.button import Button
from widgets.empty_state import EmptyState
from widgets.flow import Flow
from widgets.record_columns import age_column
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.tip import set_tip

if TYPE_CHECKING:
    from app.pages.servers.operations import ServerOperation
    from app.shell.session.services import Services


class SnapshotsPart(QWidget):
    """Part of the server's detail. ``operation_requested`` carries a
    :class:`app.pages.servers.operations.ServerOperation`."""

    operation_requested = Signal(object)

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._row: ServerRow | None = None
        self.table: RecordTable[SnapshotRow] = RecordTable(_columns(), lambda row: row.id, _("Snapshots"))
        self.table.chosen.connect(self._enable)
        self.empty = EmptyState(_("No snapshots"), "", _("Take snapshot..."))
        self.empty.acted.connect(self._take)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack, 1)
        column.addWidget(self._foot())

    def show_snapshots(self, row: ServerRow, snapshots: tuple[SnapshotRow, ...]) -> None:
        self._row = row
        self.table.set_rows(snapshots)
        self._stack.setCurrentIndex(0 if snapshots else 1)
        if snapshots and self.table.current() is None:
            self.table.selectRow(0)
        keeps = _("A snapshot is an image of the whole disk at one point in time.")
        self.empty.say(_("No snapshots"), lacking(row, "snapshot") or keeps)
        self.empty.action.setVisible(not unfit(row, "snapshot"))
        self.foot.setVisible(bool(snapshots))
        self._enable(self.table.current())

    def _foot(self) -> QWidget:
        self.foot = QWidget()
        self.take, self.restore = Button(_("Take snapshot...")), Button(_("Restore..."))
        self.remove = Button(_("Delete..."))
        self.take.clicked.connect(self._take)
        self.restore.clicked.connect(self._restore)
        self.remove.clicked.connect(self._remove)
        row = Flow(self.take, self.restore, self.remove)
        row.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 12)
        self.foot.setLayout(row)
        return self.foot

    def _enable(self, snapshot: SnapshotRow | None) -> None:
        for button, key in ((self.take, "snapshot"), (self.restore, "restore"), (self.remove, "delete_snapshot")):
            has_what_it_needs = button is self.take or snapshot is not None
            reason = unfit(self._row, key) or ("" if has_what_it_needs else _("no snapshot is selected"))
            button.setEnabled(not reason)
            set_tip(button, reason)

    def _take(self) -> None:
        from app.pages.servers.snapshot_sheets import take_operation

        if self._row is not None:
            self._ask(take_operation(self._row, self))

    def _restore(self) -> None:
        from app.pages.servers.snapshot_sheets import restore_operation

        snapshot = self.table.current()
        if self._row is not None and snapshot is not None:
            self._ask(restore_operation(self._row, snapshot, self))

    def _remove(self) -> None:
        from app.pages.servers.snapshot_sheets import delete_operation

        snapshot = self.table.current()
        if self._row is not None and snapshot is not None:
            self._ask(delete_operation(self._row, snapshot, self))

    def _ask(self, act: ServerOperation) -> None:
        self.operation_requested.emit(act)


def _columns() -> tuple[Column[SnapshotRow], ...]:
    return (
        Column(_("Name"), text=lambda row: row.name, sort=lambda row: words.natural(row.name), is_name=True),
        Column(
            _("Size GB"),
            text=lambda row: words.number(row.size_gb, 1) if row.size_gb is not None else words.DASH,
            sort=lambda row: row.size_gb or 0.0,
            is_number=True,
        ),
        age_column(_("Taken"), lambda row: row.created_at),
    )
