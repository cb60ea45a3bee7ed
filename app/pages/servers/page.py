"""The Servers page: the table at the left, the chosen server at the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QWidget

from app.pages.servers.acting import ServerActing
from app.pages.servers.acts import ACTS, acts_of, why_none
from app.pages.servers.checking import Checking
from app.pages.servers.columns import FIGURES, SHOWN_AT_FIRST, WORKSPACES, server_columns
from app.pages.servers.detail import TABS, ServerDetailPanel, key_of
from app.pages.servers.figures import Figures
from app.pages.servers.job_strip import RUNNING, UnderWay
from app.shell.route import Route
from app.shell.window.page import Page, PageCommand
from app.shell.window.page_keys import PageKeys
from app.shell.window.saved_views import SavedViews
from app.shell.window.together_strip import TogetherStrip
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.engine.job_filter import Which
from backend.engine.queries import JobRow, Jobs
from backend.servers.queries import ServerRow, Servers
from backend.store.changes import AGES
from widgets import tokens
from widgets.bulk_bar import BulkAct, BulkBar
from widgets.button import Button
from widgets.chips import Chips
from widgets.empty_state import EmptyState
from widgets.panel import Panel
from widgets.record_table import RecordTable
from widgets.search_field import SearchField

if TYPE_CHECKING:
    from uuid import UUID

    from PySide6.QtGui import QAction, QShowEvent

    from app.pages.servers.operations import ServerOperation
    from app.shell.session.services import Services
    from backend.servers.sparklines import Sparklines
    from backend.store.scope import Scope

ALL, NEEDS_YOU, OURS = "all", "needs", "ours"
WHOLE_ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class ServersPage(Page):
    """The table of servers and the chosen one; what is asked of a server becomes a job that Activity shows."""

    topics = frozenset({"servers", "accounts", "workspaces", "live", "jobs"})

    def __init__(self, services: Services) -> None:
        super().__init__(services, _("Servers"))
        self._has_new_ages = False
        self._seen: tuple[tuple[ServerRow, ...], Scope | None] = ((), None)
        self._figures = Figures()
        self.under_way = UnderWay()
        self.acting = ServerActing(self, self._chosen, self._under_menu)
        self.acting.began.connect(self._follow)
        self.more = Button("", "icon", icon_name="ellipsis", name=_("More actions"))
        self.more.setMenu(self.acting.menu)
        self.check = Button(_("Check now"))
        self.check.clicked.connect(self._check_now)
        self.checking = Checking(self, self.check)
        self.new = Button(_("New server"), "primary")
        self.new.clicked.connect(self._ask_for_new)
        self.header.add(self.more, self.check, self.new)
        columns = server_columns(self._figures, self.under_way)
        self.table: RecordTable[ServerRow] = RecordTable(columns, key_of, _("Servers"))
        self.table.chosen.connect(self._choose)
        self.table.marked.connect(self._mark)
        self.table.row_menu = self._row_menu
        self.bulk, self.together = BulkBar(()), TogetherStrip()
        self.bulk.acted.connect(self.acting.ask)
        self.bulk.cleared.connect(self._unmark)
        self.together.open_asked.connect(self._open_jobs)
        self.detail = self._made_detail()
        self.banner.acted.connect(self.detail.refresh)
        about = _("Connect a provider, then order the first one.")
        self.empty = EmptyState(_("No servers yet"), about, _("New server"))
        self.empty.acted.connect(self._ask_for_new)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._split())
        self._stack.addWidget(self.empty)
        self.add(self._stack)

    def _made_detail(self) -> ServerDetailPanel:
        detail = ServerDetailPanel(self)
        detail.acts.asked.connect(self._ask_of_shown)
        detail.acts.set_menu(self.acting.menu)
        detail.mail.upgrade_asked.connect(self.acting.upgrade_mail)
        detail.mail.adopt_asked.connect(self.acting.adopt_mail)
        detail.job.open_asked.connect(self._open_job)
        detail.snapshots.operation_requested.connect(self._begin)
        detail.network.operation_requested.connect(self._begin)
        return detail

    def refresh(self) -> None:
        """The rows; the figures beside them come as soon as the rows are there, and then at their own pace."""
        self.ask("servers", Servers(self.services.view.scope(), self._seen[0]), self._show)

    def show_route(self, route: Route) -> None:
        """``part`` is a chip's key; what is to be chosen is hidden neither behind another chip nor by the filter."""
        wanted = ALL if route.item is not None else route.part
        if wanted in self.chips.keys:
            self.chips.choose(wanted)
        if route.item is not None:
            self.filter.clear()
            self.choose(route.item)
        if route.tab:
            self.detail.tabs.setCurrentIndex(TABS[route.tab])

    @property
    def acts(self) -> Mapping[str, QAction]:
        """The entries of the menu by their keys."""
        return self.acting.menu.acts

    def commands(self) -> Sequence[PageCommand]:
        rows = self._chosen()
        if not rows:
            return ()
        name = rows[0].name if len(rows) == 1 else _servers(len(rows))
        said = _("{act}: {server}")
        return [
            PageCommand(
                act.key, said.format(act=_(act.word), server=name), act.shortcut, partial(self.acting.ask, act.key)
            )
            for act in acts_of(rows)
            if not why_none(act, rows)
        ]

    def choose(self, server: UUID) -> None:
        """Select a server, now or as soon as it is listed."""
        self.table.choose(server)

    def showEvent(self, event: QShowEvent) -> None:
        """Jobs may have begun and ended while another page was looked at."""
        super().showEvent(event)
        if self._figures.known is not None:
            self._ask_jobs()

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
        super()._on_changes(topics - {"live", "jobs"})
        if self.isVisible():
            if "jobs" in topics:
                self._ask_jobs()
            self.detail.hear(topics)

    def _on_view(self) -> None:
        self._figures.known = None
        self.together.leave()
        super()._on_view()
        if self.isVisible():
            self.detail.refresh()

    def _ask_for_new(self) -> None:
        self.route_asked.emit(Route("servers", command="new"))

    def _ask_figures(self) -> None:
        from backend.servers.sparklines import RecentSparklines

        self._has_new_ages = False
        self.ask("figures", RecentSparklines(self.services.view.scope(), self._figures.known), self._show_figures)

    def _show_figures(self, sparks: Sparklines) -> None:
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
        self.chips = Chips([(ALL, _("All")), (NEEDS_YOU, _("Needs attention")), (OURS, _("Created by Mailyard"))])
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
        panel.body.addWidget(self.together)
        panel.body.addWidget(self.bulk)
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
        self.remember_split("servers", split)
        self.keys = PageKeys(self, [self.table], self.filter, self.detail, self.detail.tabs)
        return split

    def _show(self, rows: tuple[ServerRow, ...]) -> None:
        seen = (rows, self.services.view.scope())
        if seen != self._seen:
            self._seen = seen
            self._fill(rows)
        self.detail.show_server(self.table.current())
        if self._figures.known is None:
            self._ask_figures()
            self._ask_jobs()

    def _chosen(self) -> Sequence[ServerRow]:
        """What acts are for: all that is marked, else the chosen one."""
        marked = self.table.chosen_rows()
        current = self.table.current()
        return marked or ([current] if current is not None else [])

    def _shown(self) -> Sequence[ServerRow]:
        """What the server's head is for: the one it names, whatever else is marked."""
        row = self.detail.server
        return [row] if row is not None else []

    def _under_menu(self) -> Callable[[], Sequence[ServerRow]]:
        return self._shown if self.detail.acts.is_open else self._chosen

    def _ask_of_shown(self, key: str) -> None:
        self.acting.ask_of(key, self._shown())

    def _begin(self, operation: ServerOperation) -> None:
        self.acting.begin(operation, None, self._shown())

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
            words = _("Order one for it, or assign an existing one: Workspaces.")
            self.empty.say(_("{name} has no servers yet").format(name=name), words)
        else:
            self.empty.say(_("No servers yet"), _("Connect a provider, then order the first one."))

    def _choose(self, row: ServerRow | None) -> None:
        self.detail.show_server(row)
        self.detail.show_jobs(self.under_way.known)

    def _choose_columns(self) -> None:
        self.table.choose_columns()

    def _filter_by(self, key: str) -> None:
        self.table.set_predicate(None if key == ALL else lambda row: _is_in(key, row))

    def _check_now(self) -> None:
        self.checking.check(self.table.records.rows)

    def _mark(self) -> None:
        """Others are marked: the bar counts them, and offers what can be done with all."""
        rows = self.table.chosen_rows()
        acts = [BulkAct(act.key, _(act.word), why_none(act, rows), act.is_dangerous) for act in ACTS if act.on_many]
        self.bulk.set_acts(acts)
        self.bulk.show_count(len(rows))

    def _unmark(self) -> None:
        self.table.selectionModel().select(self.table.currentIndex(), WHOLE_ROW)

    def _row_menu(self) -> Sequence[QAction]:
        self.acting.show_chosen()
        return self.acting.menu.actions()

    def _ask_jobs(self) -> None:
        kinds, scope, together = self.services.installation.kinds, self.services.view.scope(), self.together.jobs
        self.ask("jobs", Jobs(scope, kinds, RUNNING, Which("persons")), self._show_jobs)
        if together:
            jobs = Jobs(scope, kinds, which=Which(ids=together), limit=len(together))
            self.ask("together", jobs, self.together.show_jobs)

    def _show_jobs(self, rows: tuple[JobRow, ...]) -> None:
        if self.under_way.learn(rows):
            self.table.records.touch((0,))
        self.detail.show_jobs(self.under_way.known)

    def _follow(self, jobs: tuple[UUID, ...]) -> None:
        """One job is followed in the server's detail, several in one line below the list."""
        if len(jobs) == 1:
            self.detail.follow(jobs[0])
        else:
            self.together.follow(jobs)
        self._ask_jobs()

    def _open_jobs(self) -> None:
        self.route_asked.emit(Route("activity"))

    def _open_job(self, job: UUID) -> None:
        self.route_asked.emit(Route("activity", item=job))


def _counted(rows: tuple[ServerRow, ...]) -> str:
    """'44 servers in 12 workspaces'."""
    if not rows:
        return ""
    servers = _servers(len(rows))
    used_by = len({each for row in rows for each in row.workspace_ids})
    spaces = ngettext("{n} workspace", "{n} workspaces", used_by).format(n=words.number(used_by))
    return _("{servers} in {workspaces}").format(servers=servers, workspaces=spaces) if used_by else servers


def _servers(count: int) -> str:
    return ngettext("{n} server", "{n} servers", count).format(n=words.number(count))


def _is_in(key: str, row: ServerRow) -> bool:
    if key == NEEDS_YOU:
        return row.status in (Status.CRITICAL, Status.WARNING, Status.INCONCLUSIVE)
    return row.is_ours if key == OURS else True
