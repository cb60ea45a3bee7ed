"""The window: switcher, band and search above; pages at the left; the page; the status bar below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app import navigation
from app.frame import LoadingPage, StatusBar, TopBar
from app.navigation import ACTIVITY, SERVERS, SETTINGS
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.sidebar import Sidebar

if TYPE_CHECKING:
    from app.shell.page import Page
    from app.shell.services import Services
    from app.shell.settings import SettingsFile
    from backend.core.errors import MailyardError

ALL = "all"
SMALLEST = (1024, 640)


class MainWindow(QMainWindow):
    """Painted before anything heavy is loaded; pages come when :meth:`attach` was called."""

    closing = Signal()
    retry_asked = Signal()

    def __init__(self, settings: SettingsFile) -> None:
        super().__init__()
        self._settings = settings
        self._services: Services | None = None
        self.pages: dict[str, Page] = {}
        self.setWindowTitle("Mailyard")
        self.setMinimumSize(*SMALLEST)
        self.resize(settings.now.width, settings.now.height)
        self.top = TopBar()
        self.sidebar = Sidebar(navigation.entries(), _("Pages"))
        self.sidebar.chosen.connect(self.go_to)
        self.loading = LoadingPage()
        self.loading.notice.acted.connect(self.retry_asked)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.loading)
        self.status = StatusBar()
        self._lay_out()
        self._wanted = settings.now.page if settings.now.page in (SERVERS, ACTIVITY, SETTINGS) else SERVERS
        self.sidebar.choose(self._wanted)

    def attach(self, services: Services) -> None:
        """The installation is open: show the page that was asked for."""
        self._services = services
        services.view.changed.connect(self._on_view)
        services.bridge.changed.connect(self._on_changes)
        self.top.switcher.chosen.connect(self._choose_workspace)
        self.top.search.clicked.connect(self.open_palette)
        self._shortcuts()
        self._read_frame()
        self.go_to(self._wanted)

    def show_opening_error(self, error: MailyardError) -> None:
        """The installation cannot be opened: say why and what to do; nothing was changed."""
        self.loading.show_error(error)

    def go_to(self, key: str) -> None:
        """Turn to a page, building it when it is first looked at."""
        self._wanted = key
        self.sidebar.choose(key)
        if self._services is None:
            return
        if key not in self.pages:
            page = navigation.make_page(key, self._services)
            self.pages[key] = page
            self.stack.addWidget(page)
            self._connect(key, page)
        self.stack.setCurrentWidget(self.pages[key])
        self._settings.change(page=key)

    def open_wizard(self) -> None:
        """New server."""
        if self._services is None:
            return
        from app.pages.servers.wizard import NewServerWizard

        wizard = NewServerWizard(self._services, self)
        wizard.ordered.connect(self._show_job)
        wizard.account_asked.connect(self.open_account_dialog)
        wizard.open()

    def open_account_dialog(self) -> None:
        """Add account."""
        self.go_to(SETTINGS)
        page: Any = self.pages[SETTINGS]
        page.show_part(page.accounts)
        page.accounts.add()

    def open_palette(self) -> None:
        """Search and commands."""
        if self._services is not None:
            from app.shell.actions import Finder

            self._finder = Finder(self, self._services)
            self._finder.open()

    def closeEvent(self, event: QCloseEvent) -> None:
        for page in self.pages.values():
            page.close_page()
        self.closing.emit()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.isMaximized():
            self._size = (event.size().width(), event.size().height())

    @property
    def last_size(self) -> tuple[int, int]:
        return getattr(self, "_size", (self.width(), self.height()))

    def _lay_out(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        side = QFrame()
        side.setProperty("surface", "side")
        inner = QVBoxLayout(side)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.sidebar)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self.stack, 1)
        column.addLayout(row, 1)
        column.addWidget(self.status)
        self.setCentralWidget(centre)

    def _shortcuts(self) -> None:
        for keys, act in (
            ("Ctrl+K", self.open_palette),
            ("Ctrl+N", self.open_wizard),
            ("Ctrl+1", self._go_servers),
            ("Ctrl+2", self._go_activity),
            ("Ctrl+,", self._go_settings),
            ("F5", self._refresh_page),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _go_servers(self) -> None:
        self.go_to(SERVERS)

    def _go_activity(self) -> None:
        self.go_to(ACTIVITY)

    def _go_settings(self) -> None:
        self.go_to(SETTINGS)

    def _refresh_page(self) -> None:
        page = self.pages.get(self._wanted)
        if page is not None:
            page.refresh()

    def _connect(self, key: str, page: Any) -> None:
        if key == SERVERS:
            page.new_server_asked.connect(self.open_wizard)

    def _show_job(self, job: UUID) -> None:
        self.go_to(ACTIVITY)
        page: Any = self.pages[ACTIVITY]
        page.choose(job)

    def _choose_workspace(self, key: str) -> None:
        assert self._services is not None
        self._settings.change(workspace=key)
        self._services.view.choose(None if key == ALL else UUID(key))

    def _on_view(self) -> None:
        self._read_frame()

    def _on_changes(self, topics: frozenset[str]) -> None:
        if topics & {"jobs", "workspaces", "servers"}:
            self._read_frame()

    def _read_frame(self) -> None:
        """Counts for side bar and status bar, and the workspaces of the switcher."""
        services = self._services
        assert services is not None
        from backend.engine.queries import ActivityCounts
        from backend.workspaces.queries import Workspaces

        services.reader.ask(self, "workspaces", Workspaces(), self._show_workspaces, self._frame_failed)
        counts = ActivityCounts(services.view.scope())
        services.reader.ask(self, "activity", counts, self._show_activity, self._frame_failed)

    def _show_workspaces(self, rows: Any) -> None:
        services = self._services
        assert services is not None
        is_first = not services.view.workspaces
        services.view.workspaces = rows
        current = str(services.view.chosen or ALL)
        entries = [(ALL, _("All workspaces")), *((str(row.id), row.name) for row in rows)]
        self.top.switcher.set_entries(entries, current)
        remembered = self._settings.now.workspace
        if is_first and remembered != ALL and any(str(row.id) == remembered for row in rows):
            self.top.switcher.set_entries(entries, remembered)
            services.view.choose(UUID(remembered))
        elif is_first:
            services.view.changed.emit()

    def _show_activity(self, counts: Any) -> None:
        services = self._services
        assert services is not None
        self.sidebar.count(ACTIVITY, counts.waiting_for_you)
        is_ours = services.installation.engine is not None
        self.status.show_engine(
            Status.OK, _("Engine running") if is_ours else _("Engine runs in another process"), counts
        )

    def _frame_failed(self, error: MailyardError) -> None:
        self.status.show_trouble(error.title)
