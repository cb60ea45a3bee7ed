"""The window: switcher, band and search above; pages at the left; the page; the status bar below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QMoveEvent, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.frame import LoadingPage, TopBar
from app.navigation import asked_for, shortcuts, side_bar
from app.places import PLACES
from app.shell.places import load, make_page
from app.shell.route import Route, Thing
from app.shell.session.demo import DemoControl
from app.shell.window.geometry import position_text, restore_geometry
from backend.core.errors import MailyardError
from backend.core.present.text import _
from widgets.band import DEMO
from widgets.on_screen import fitting
from widgets.sidebar import Sidebar
from widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from app.shell.desktop.notification_watcher import NotificationWatcher
    from app.shell.desktop.tray import TrayControl
    from app.shell.session.services import Services
    from app.shell.session.settings import SettingsFile
    from app.shell.window.global_errors import GlobalErrors
    from app.shell.window.page import Page, PageCommand
    from app.shell.window.said import Said
    from app.shell.window.saying import Saying
    from backend.attention import Need
    from backend.engine.queries import Activity

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
        self._settings = settings
        self._services: Services | None = None
        self._is_painted = False
        self.has_opening_error = False
        self.pages: dict[str, Page] = {}
        self.global_errors: GlobalErrors | None = None
        self.tray: TrayControl | None = None
        self.notification_watcher: NotificationWatcher
        self.saying: Saying
        self.setMinimumSize(*fitting(self, *SMALLEST))
        self._size, self._position = (settings.now.width, settings.now.height), settings.now.position
        restore_geometry(self, settings.now)
        self._wanted = settings.now.page if settings.now.page in PLACES else PLACES.first
        self._parts: list[QObject] = []
        self._build()

    def attach(self, services: Services) -> None:
        """The installation is open: show the page that was asked for."""
        from app.shell.desktop.notification_watcher import NotificationWatcher
        from app.shell.desktop.tray import TrayControl
        from app.shell.window.global_errors import GlobalErrors
        from app.shell.window.saying import Saying
        from app.shell.window.status import StatusBarState
        from app.shell.window.workspace_switching import WorkspaceSwitching

        self._services = services
        self.has_opening_error = False
        self.global_errors = GlobalErrors(services, self)
        self.first_read.connect(self.global_errors.ask_secrets, Qt.ConnectionType.SingleShotConnection)
        self.centre.insertWidget(0, self.global_errors.bar)
        self.state = StatusBarState(services, self.status, self)
        self.tray = TrayControl(services, self)
        self.notification_watcher = NotificationWatcher(services, self.tray, self)
        self.notification_watcher.chosen.connect(self._go_to_notice)
        self.turned.connect(self.notification_watcher.turn)
        self.state.counted.connect(self.tray.count)
        self.state.counted.connect(self._show_counts)
        self.state.presence_changed.connect(self.global_errors.show_presence)
        self.switching = WorkspaceSwitching(services, self.top.switcher, self)
        self.top.search.clicked.connect(self.open_palette)
        self.saying = Saying(self, self.go)
        self._parts = [
            self.global_errors,
            self.state,
            self.tray,
            self.notification_watcher,
            self.switching,
            self.saying,
            self.saying.toasts,
            *self._shortcuts(),
        ]
        self.attached.emit()
        self.go_to(self._wanted)

    def build_again(self) -> None:
        """Another language is spoken: everything is made anew, and the same page is looked at."""
        services, route = self._services, self._route()
        self._close_parts()
        if self.global_errors is not None:
            self.global_errors.close()
        for each in self._parts:
            each.deleteLater()
        self.pages.clear()
        self._whole.hide()
        self._whole.deleteLater()
        self._build()
        if services is not None:
            self.attach(services)
        if route is not None:
            self.go(route)

    def show_opening_error(self, error: MailyardError) -> None:
        """The installation cannot be opened: say why and what to do; nothing was changed."""
        self.has_opening_error = True
        self.loading.show_error(error)

    def go_to(self, key: str, *, takes_keyboard: bool = True) -> None:
        """Turn to a place, building its page when it is first looked at; the keyboard goes to its main list."""
        self._wanted = key
        self.sidebar.choose(key)
        if self._services is None:
            return
        if key not in self.pages:
            page = make_page(PLACES[key], self._services)
            page.has_place = PLACES.shows
            page.take_cards(PLACES.cards)
            self.pages[key] = page
            self.stack.addWidget(page)
            page.first_read.connect(self.first_read)
            page.route_asked.connect(self.go)
            page.said.connect(self._say)
        self.stack.setCurrentWidget(self.pages[key])
        if takes_keyboard:
            self.pages[key].take_keyboard()
        self._settings.remember(page=key)

    @Slot(object)
    def go(self, asked: Route | Thing) -> None:
        """Turn to what a route names, or carry its command out; of a thing, to the place that shows such things."""
        route = PLACES.showing(asked.kind, asked.id) if isinstance(asked, Thing) else asked
        place = PLACES[route.place]
        command = place.command(route.command) if route.command else None
        if command is None:
            self._turn_to(route)
        elif self._services is not None:
            if command.part is not None:
                self._turn_to(Route(route.place, command.part))
            load(command.opens)(self._services, self, self.go, self._say)

    def _turn_to(self, route: Route) -> None:
        self.go_to(route.place)
        if route.place in self.pages:
            self.pages[route.place].show_route(route)

    def open_palette(self) -> None:
        """Search and commands."""
        if self._services is not None:
            from app.finder import Finder

            Finder(self, self._services, self).open()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.tray is not None and not self.tray.may_close():
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

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        if not self.isMaximized():
            self._position = position_text(self.pos())

    @property
    def last_size(self) -> tuple[int, int]:
        """Width and height when it was last not maximized."""
        return self._size

    @property
    def last_position(self) -> str:
        """Where it stood when it was last not maximized."""
        return self._position or position_text(self.pos())

    def _build(self) -> None:
        is_demo = self.demo.is_demo
        self.setWindowTitle(_("Mailyard demo") if is_demo else "Mailyard")
        self.top = TopBar(is_demo=is_demo)
        self.sidebar = Sidebar(side_bar(), _("Pages"))
        self.sidebar.chosen.connect(self._choose)
        self.loading = LoadingPage()
        self.loading.banner.acted.connect(self._try_again)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.loading)
        self.status = StatusBar(_("Application status"))
        self._lay_out()
        self.sidebar.choose(self._wanted)

    def _close_parts(self) -> None:
        """They ask no more; whoever made them closes them."""
        for page in self.pages.values():
            page.close_page()
        if self._services is not None:
            self.state.close()
            self.notification_watcher.close()
            if self.tray is not None:
                self.tray.close()

    def _route(self) -> Route | None:
        """Where in its page the person is, where a page says so."""
        page = self.pages.get(self._wanted)
        return page.route if page is not None else None

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
        for asked in asked_for(self):
            for keys in asked.keys.split(", ") if asked.shortcut else ():
                made.append(QShortcut(QKeySequence(keys), self))
                made[-1].activated.connect(asked.act)
        return made

    def refresh_page(self) -> None:
        """Read what the page shows again."""
        page = self.pages.get(self._wanted)
        if page is not None:
            page.refresh()

    def filter_page(self) -> None:
        """Lead the keyboard to the filter of the page in front."""
        page = self.pages.get(self._wanted)
        if page is not None and page.keys is not None:
            page.keys.take_filter()

    def show_shortcuts(self) -> None:
        """The list of all keys."""
        from app.shell.window.shortcut_sheet import ShortcutSheet, on_page

        ShortcutSheet([*shortcuts(self), *on_page(self)], self).open()

    def look_at(self, workspace: UUID | None) -> None:
        """Choose a workspace, or all."""
        self.switching.choose(workspace)

    def page_commands(self) -> Sequence[PageCommand]:
        """What can be done with what is chosen: of the page in front first, then of those looked at before."""
        front = self.pages.get(self._wanted)
        others = [page for page in self.pages.values() if page is not front]
        return [command for page in ([front] if front else []) + others for command in page.commands()]

    def _say(self, said: Said) -> None:
        self.saying.say(said)

    def _choose(self, key: str) -> None:
        """Arrows that go through the side bar stay there."""
        self.go_to(key, takes_keyboard=not self.sidebar.shows_focus)

    def _try_again(self) -> None:
        self.has_opening_error = False
        self.loading.wait_again()
        self.retry_asked.emit()

    def _go_to_notice(self, need: Need | None) -> None:
        """A desktop notification was clicked: one thing, or several."""
        self.go(Route(PLACES.first) if need is None else Thing(need.kind, need.target))

    def _show_counts(self, counted: Activity) -> None:
        for place in PLACES.all:
            if place.counts is not None:
                self.sidebar.count(place.key, place.counts(counted))
