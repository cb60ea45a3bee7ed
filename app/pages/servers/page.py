"""The Servers page: the table at the left, the chosen server at the right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QStackedWidget, QWidget

from app.pages.servers.acts import ServerAct, act_for, fits, lacking
from app.pages.servers.columns import FIGURES, SHOWN_AT_FIRST, WORKSPACES, server_columns
from app.pages.servers.detail import ServerDetailPanel, key_of
from app.pages.servers.figures import Figures
from app.shell.page import Page
from app.shell.views import SavedViews
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.servers.queries import ServerRow, Servers
from backend.store.changes import AGES
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.button import Button
from widgets.chips import Chips
from widgets.empty_state import EmptyState
from widgets.panel import Panel
from widgets.record_table import RecordTable
from widgets.search_field import SearchField

if TYPE_CHECKING:
    from app.shell.services import Services
    from backend.core.errors import MailyardError
    from backend.servers.sparks import Sparks
    from backend.store.scope import Scope

ALL, NEEDS_YOU, OURS = "all", "needs", "ours"


class ServersPage(Page):
    """``new_server_asked`` opens the wizard; it is the window that knows how."""

    topics = frozenset({"servers", "accounts", "workspaces", "live"})
    new_server_asked = Signal()
    job_asked = Signal(object)

    def __init__(self, services: Services) -> None:
        super().__init__(services, _("Servers"))
        self._has_new_ages = False
        self._seen: tuple[tuple[ServerRow, ...], Scope | None] = ((), None)
        self._figures = Figures()
        self.more = Button("", "icon", icon_name="ellipsis", name=_("More actions"))
        self.more.setMenu(self._menu())
        self.check = Button(_("Check now"))
        self.check.clicked.connect(self._check_now)
        self.new = Button(_("New server"), "primary")
        self.new.clicked.connect(self.new_server_asked)
        self.header.add(self.more, self.check, self.new)
        self.table: RecordTable[ServerRow] = RecordTable(server_columns(self._figures), key_of, _("Servers"))
        self.table.chosen.connect(self._choose)
        self.detail = ServerDetailPanel(self)
        self.detail.snapshots.act_asked.connect(self._begin)
        self.detail.network.act_asked.connect(self._begin)
        self.notice.acted.connect(self.detail.refresh)
        self.empty = EmptyState(
            _("No servers yet"), _("Connect a provider, then order the first one."), _("New server")
        )
        self.empty.acted.connect(self.new_server_asked)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._split())
        self._stack.addWidget(self.empty)
        self.add(self._stack)

    def refresh(self) -> None:
        """The rows; the figures beside them come as soon as the rows are there, and then at their own pace."""
        self.ask("servers", Servers(self.services.view.scope(), self._seen[0]), self._show)

    def choose(self, server: UUID) -> None:
        """Select a server, now or as soon as it is listed."""
        self.table.choose(server)

    def show_ages(self) -> None:
        """New figures of old servers come every few minutes: they are read at the page's own pace."""
        if self._has_new_ages:
            self.refresh()
            self._ask_figures()
        else:
            self.table.viewport().update()

    def _on_changes(self, topics: frozenset[str]) -> None:
        """Live samples concern the detail only: the table is not read for them."""
        self._has_new_ages = self._has_new_ages or bool(topics & {AGES, "servers"})
        super()._on_changes(topics - {"live"})
        if self.isVisible():
            self.detail.hear(topics)

    def _on_view(self) -> None:
        self._figures.known = None
        super()._on_view()
        if self.isVisible():
            self.detail.refresh()

    def _ask_figures(self) -> None:
        from backend.servers.sparks import RecentSparks

        self._has_new_ages = False
        self.ask("figures", RecentSparks(self.services.view.scope(), self._figures.known), self._show_figures)

    def _show_figures(self, sparks: Sparks) -> None:
        self._figures.known = sparks
        self.table.records.touch(FIGURES)

    def _split(self) -> QWidget:
        panel = Panel()
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(tokens.PANEL_PADDING, 7, tokens.PANEL_PADDING, 7)
        row.setSpacing(12)
        self.filter = SearchField(_("Filter servers"))
        self.filter.setMaximumWidth(220)
        self.filter.textChanged.connect(self.table.set_filter)
        self.chips = Chips([(ALL, _("All")), (NEEDS_YOU, _("Needs you")), (OURS, _("Made by Mailyard"))])
        self.chips.chosen.connect(self._filter_by)
        row.addWidget(self.filter, 1)
        row.addWidget(self.chips)
        row.addStretch(1)
        self.columns = Button("", "icon", icon_name="columns-3", name=_("Columns"))
        self.columns.setProperty("flat", True)
        self.columns.clicked.connect(self._choose_columns)
        self.views = SavedViews("servers", self.services.settings, self.table, self.filter, self.chips)
        row.addWidget(self.views.button)
        row.addWidget(self.columns)
        panel.body.setSpacing(0)
        panel.body.addWidget(bar)
        panel.body.addWidget(self.table, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(panel)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(tokens.PANEL_GAP)
        split.setSizes([742, 396])
        self.detail.setMinimumWidth(360)
        self.table.hide_columns(*range(SHOWN_AT_FIRST, len(self.table.records.columns)))
        self.remember("servers", self.table)
        return split

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName(_("More actions"))
        menu.setToolTipsVisible(True)
        self.acts: dict[str, QAction] = {}
        entries = (
            ("reboot", _("Reboot...")),
            ("shutdown", _("Shut down...")),
            ("off", _("Switch off hard...")),
            ("on", _("Switch on...")),
            ("resize", _("Another plan...")),
            ("reverse", _("Reverse name...")),
            ("destroy", _("Destroy...")),
            ("adopt", _("Adopt...")),
            ("release", _("Let go...")),
        )
        for key, word in entries:
            action = menu.addAction(word)
            action.setData(key)
            self.acts[key] = action
        menu.triggered.connect(self._act)
        menu.aboutToShow.connect(self._enable_acts)
        return menu

    def _show(self, rows: tuple[ServerRow, ...]) -> None:
        seen = (rows, self.services.view.scope())
        if seen != self._seen:
            self._seen = seen
            self._fill(rows)
        self.detail.show_server(self.table.current())
        if self._figures.known is None:
            self._ask_figures()

    def _fill(self, rows: tuple[ServerRow, ...]) -> None:
        self.table.set_rows(rows)
        self._stack.setCurrentIndex(0 if rows else 1)
        self.table.setColumnHidden(WORKSPACES, not self.services.view.is_all)
        self._say_empty()
        self.new.setVisible(bool(rows))
        self.header.note.setText(_counted(rows))
        for key in (ALL, NEEDS_YOU, OURS):
            self.chips.count(key, sum(_is_in(key, row) for row in rows))
        if rows and self.table.current() is None:
            self.table.selectRow(0)

    def _say_empty(self) -> None:
        name = self.services.view.name
        if name:
            words = _("Order one for it, or let it use one that is there: Settings > Workspaces.")
            self.empty.say(_("{name} uses no server yet").format(name=name), words)
        else:
            self.empty.say(_("No servers yet"), _("Connect a provider, then order the first one."))

    def _choose(self, row: ServerRow | None) -> None:
        self.detail.show_server(row)

    def _choose_columns(self) -> None:
        self.table.choose_columns()

    def _filter_by(self, key: str) -> None:
        self.table.set_predicate(None if key == ALL else lambda row: _is_in(key, row))

    def _check_now(self) -> None:
        """Ask each account what really stands there."""
        accounts = {row.account_id for row in self.table.records.rows}
        for account in accounts:
            self.services.submit.wish(AGENCY, "inventory.refresh", {"account_id": str(account)})
        self.check.setToolTip(_("Asked at {time}").format(time=words.clock(datetime.now(UTC))))

    def _enable_acts(self) -> None:
        """What the provider cannot do is greyed out, and says why."""
        row = self.table.current()
        for key, action in self.acts.items():
            action.setEnabled(fits(row, key))
            action.setToolTip(lacking(row, key))

    def _act(self, action: QAction) -> None:
        row, key = self.table.current(), str(action.data())
        if row is None:
            return
        self._begin(act_for(self.services, row, key, self))

    def _begin(self, act: ServerAct) -> None:
        """Show the sheet; what was agreed to becomes a job."""
        self._asked = act
        self._asked.sheet.agreed.connect(self._agree)
        self._asked.sheet.open()

    def _agree(self) -> None:
        job = self._asked.job if isinstance(self._asked.job, str) else self._asked.job()
        self._job = self.services.submit.wish(AGENCY, job, self._asked.wish(), self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        """A refusal stays on the page; else the job is shown where it runs."""
        if error is not None:
            self.show_error(error)
        else:
            self.job_asked.emit(self._job)


def _counted(rows: tuple[ServerRow, ...]) -> str:
    """'44 servers in 12 workspaces'."""
    if not rows:
        return ""
    servers = ngettext("{n} server", "{n} servers", len(rows)).format(n=words.number(len(rows)))
    used_by = len({each for row in rows for each in row.workspace_ids})
    spaces = ngettext("{n} workspace", "{n} workspaces", used_by).format(n=words.number(used_by))
    return _("{servers} in {workspaces}").format(servers=servers, workspaces=spaces) if used_by else servers


def _is_in(key: str, row: ServerRow) -> bool:
    if key == NEEDS_YOU:
        return row.status in (Status.CRITICAL, Status.WARNING, Status.INCONCLUSIVE)
    return row.is_ours if key == OURS else True
