"""The window: switcher, band and search above; pages at the left; the page; the status bar below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app import navigation
from app.frame import LoadingPage, TopBar
from app.navigation import ACTIVITY, OVERVIEW, PAGES, SERVERS, SETTINGS
from app.shell.demo import DemoControl
from backend.core.errors import MailyardError
from backend.core.present.text import _
from widgets.band import DEMO
from widgets.sidebar import Sidebar
from widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.attention import Attention
    from app.shell.leaving import Leaving
    from app.shell.page import Page
    from app.shell.services import Services
    from app.shell.settings import SettingsFile
    from app.shell.troubles import Troubles
    from backend.overview.queries import Need

ALL = "all"
SMALLEST = (1024, 640)


class MainWindow(QMainWindow):
    """Painted before anything heavy is loaded; pages come when :meth:`attach` was called.

    ``painted`` is emitted once, when the first frame is under way; ``first_read`` when a page showed its first rows;
    ``closing`` when the window closes for good; ``attached`` when what stands around the pages is there, or there anew;
    ``turned`` when it came in front of the person (True) or went behind something else.
    """

    closing = Signal()
    retry_asked = Signal()
    painted = Signal()
    first_read = Signal()
    attached = Signal()
    turned = Signal(bool)

    def __init__(self, settings: SettingsFile, *, is_demo: bool = False) -> None:
        super().__init__()
        self.setProperty(DEMO, is_demo)
        self.demo = DemoControl(self)
        self.demo.failed.connect(self._show_demo_failure)
        self._settings = settings
        self._services: Services | None = None
        self._size = (settings.now.width, settings.now.height)
        self._is_painted = False
        self.has_opening_error = False
        self.pages: dict[str, Page] = {}
        self.troubles: Troubles | None = None
        self.leaving: Leaving | None = None
        self.attention: Attention
        self.setMinimumSize(*SMALLEST)
        self.resize(*self._size)
        self._wanted = settings.now.page if settings.now.page in PAGES else OVERVIEW
        self._parts: list[QObject] = []
        self._build()

    def attach(self, services: Services) -> None:
        """The installation is open: show the page that was asked for."""
        from app.shell.attention import Attention
        from app.shell.frame_state import FrameState
        from app.shell.leaving import Leaving
        from app.shell.switching import Switching
        from app.shell.troubles import Troubles

        self._services = services
        self.has_opening_error = False
        self.troubles = Troubles(services, self)
        self.centre.insertWidget(0, self.troubles.bar)
        self.state = FrameState(services, self.status, self)
        self.leaving = Leaving(services, self)
        self.attention = Attention(services, self.leaving, self)
        self.attention.chosen.connect(self._see_to_notice)
        self.turned.connect(self.attention.turn)
        self.state.counted.connect(self.leaving.count)
        self.state.counted.connect(self._show_counts)
        self.state.presence_changed.connect(self.troubles.show_presence)
        self.switching = Switching(services, self.top.switcher, self)
        self.top.search.clicked.connect(self.open_palette)
        self._parts = [self.troubles, self.state, self.leaving, self.attention, self.switching, *self._shortcuts()]
        self.attached.emit()
        self.go_to(self._wanted)

    def build_again(self) -> None:
        """Another language is spoken: everything is made anew, and the same page is looked at."""
        services, part = self._services, self._settings_part()
        self._close_parts()
        if self.troubles is not None:
            self.troubles.close()
        for each in self._parts:
            each.deleteLater()
        self.pages.clear()
        self._whole.hide()
        self._whole.deleteLater()
        self._build()
        if services is not None:
            self.attach(services)
        if part is not None:
            settings: Any = self.pages[SETTINGS]
            settings.list.setCurrentRow(part)
            settings.list.setFocus()

    def show_opening_error(self, error: MailyardError) -> None:
        """The installation cannot be opened: say why and what to do; nothing was changed."""
        self.has_opening_error = True
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
            page.first_read.connect(self.first_read)
            self._connect(key, page)
        self.stack.setCurrentWidget(self.pages[key])
        self._settings.remember(page=key)

    def open_wizard(self) -> None:
        """New server."""
        if self._services is None:
            return
        from app.pages.servers.wizard import NewServerWizard

        wizard = NewServerWizard(self._services, self)
        wizard.ordered.connect(self.show_job)
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
            from app.finder import Finder

            Finder(self, self._services, self).open()

    def show_job(self, job: UUID) -> None:
        """Turn to Activity and choose a job, now or as soon as it is listed."""
        self.go_to(ACTIVITY)
        page: Any = self.pages[ACTIVITY]
        page.choose(job)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.leaving is not None and not self.leaving.may_close():
            event.ignore()
            return
        self._close_parts()
        self.closing.emit()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            self.painted.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.turned.emit(self.isActiveWindow())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.isMaximized():
            self._size = (event.size().width(), event.size().height())

    @property
    def last_size(self) -> tuple[int, int]:
        """Width and height when it was last not maximized."""
        return self._size

    def _build(self) -> None:
        is_demo = self.demo.is_demo
        self.setWindowTitle(_("Mailyard demo") if is_demo else "Mailyard")
        self.top = TopBar(is_demo=is_demo)
        self.sidebar = Sidebar(navigation.entries(), _("Pages"))
        self.sidebar.chosen.connect(self.go_to)
        self.loading = LoadingPage()
        self.loading.notice.acted.connect(self._try_again)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.loading)
        self.status = StatusBar(_("State of the program"))
        self._lay_out()
        self.sidebar.choose(self._wanted)

    def _close_parts(self) -> None:
        """They ask no more; whoever made them lets go of them."""
        for page in self.pages.values():
            page.close_page()
        if self._services is not None:
            self.state.close()
            self.attention.close()

    def _settings_part(self) -> int | None:
        """Which part of the settings is looked at, if any."""
        page: Any = self.pages.get(SETTINGS)
        return page.list.currentRow() if page is not None and self._wanted == SETTINGS else None

    def _lay_out(self) -> None:
        self._whole = QWidget()
        column = QVBoxLayout(self._whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        side = QFrame()
        side.setProperty("surface", "side")
        inner = QVBoxLayout(side)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.sidebar)
        self.centre = QVBoxLayout()
        self.centre.setSpacing(0)
        self.centre.addWidget(self.stack, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(side)
        row.addLayout(self.centre, 1)
        column.addLayout(row, 1)
        column.addWidget(self.status)
        self.setCentralWidget(self._whole)

    def _shortcuts(self) -> list[QShortcut]:
        made = []
        for command in navigation.commands(self):
            if command.shortcut:
                made.append(QShortcut(QKeySequence(command.shortcut), self))
                made[-1].activated.connect(command.act)
        return made

    def go_overview(self) -> None:
        self.go_to(OVERVIEW)

    def go_servers(self) -> None:
        self.go_to(SERVERS)

    def go_activity(self) -> None:
        self.go_to(ACTIVITY)

    def go_settings(self) -> None:
        self.go_to(SETTINGS)

    def refresh_page(self) -> None:
        """Read what the page shows again."""
        page = self.pages.get(self._wanted)
        if page is not None:
            page.refresh()

    def _try_again(self) -> None:
        self.has_opening_error = False
        self.loading.wait_again()
        self.retry_asked.emit()

    def _connect(self, key: str, page: Any) -> None:
        if key in (SERVERS, OVERVIEW):
            page.new_server_asked.connect(self.open_wizard)
        if key == SERVERS:
            page.job_asked.connect(self.show_job)
        if key == SETTINGS:
            page.notices.test_asked.connect(self.attention.test)
            self.attention.lacking.connect(page.notices.say_lacking)
        if key == OVERVIEW:
            page.need_chosen.connect(self._see_to)
            page.account_asked.connect(self.open_account_dialog)
            page.demo_asked.connect(self.start_demo)
            page.removal_asked.connect(self.remove_demo)

    def _see_to(self, need: Need) -> None:
        """Where a need of the overview can be met."""
        if need.kind == "job" and need.target is not None:
            self.show_job(need.target)
        elif need.kind == "server":
            self.go_to(SERVERS)
            servers: Any = self.pages[SERVERS]
            servers.choose(need.target)
        else:
            self.go_to(SETTINGS)
            settings: Any = self.pages[SETTINGS]
            settings.show_part(settings.accounts if need.kind == "account" else settings.orphans)

    def _see_to_notice(self, need: Need | None) -> None:
        """A notice on the desktop was clicked: one thing, or several."""
        if need is None:
            self.go_to(OVERVIEW)
        else:
            self._see_to(need)

    def start_demo(self) -> None:
        """In a window of its own; what came of it is said on the Overview."""
        self.go_to(OVERVIEW)
        page: Any = self.pages[OVERVIEW]
        try:
            self.demo.start()
        except MailyardError as error:
            page.show_error(error)
        else:
            page.say_started()

    def _show_demo_failure(self, error: MailyardError) -> None:
        page: Any = self.pages.get(OVERVIEW)
        if page is not None:
            page.told.clear()
            page.show_error(error)

    def remove_demo(self) -> None:
        """After a sheet that says what goes."""
        self.demo.ask_to_remove()

    def _show_counts(self, counts: Any) -> None:
        self.sidebar.count(ACTIVITY, counts.waiting_for_you)
