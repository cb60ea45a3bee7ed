"""The program as a window: one instance for a data folder, painted first, opened afterwards, closed in order."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app import imports

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.shell.diagnostics.crash import CrashHooks
    from app.shell.diagnostics.crash_marker import LastExit
    from app.shell.session.engine_runner import EngineRunner
    from app.shell.session.services import Services
    from app.shell.window.removal_trouble import RemovalTrouble
    from backend.bootstrap import Installation
    from backend.choices import Choices
    from backend.core.paths import DataFolder

log = logging.getLogger(__name__)

SWITCH_S = 0.001  # the engine's threads give way to the window five times sooner than by default


def open_console(folder: DataFolder, *, database_url: str | None = None, is_demo: bool = False) -> int:
    """Run the console on ``folder``, or on the database named, until its window closes; the exit code.

    What would make Qt abort was looked for before: :func:`app.cli.window.open_window`.
    """
    from PySide6.QtWidgets import QApplication

    application = QApplication(["mailyard"])
    application.setApplicationName("Mailyard")
    application.setDesktopFileName("mailyard")
    console = Console(
        application, folder, database_url=database_url, owns_process=True, has_engine_beside=True, is_demo=is_demo
    )
    if console.raise_other():
        return 0
    hooks = watch_for_crashes(folder, console)
    console.last_exit = hooks.last_exit
    console.start()
    code = application.exec()
    console.wait_for_engine()
    hooks.remove()
    return code


def watch_for_crashes(folder: DataFolder, console: Console) -> CrashHooks:
    """From the first moment on; a folder that cannot be used is told by the opening, and nothing is written there."""
    from app.shell.diagnostics.crash import CrashHooks
    from backend.core.errors import StoreError

    try:
        console.prepare_folder()
    except StoreError:
        return CrashHooks(None, console.show_fault)
    return CrashHooks(folder.logs, console.show_fault)


class Console:
    """Owner of everything in the window's process; lives in the GUI thread.

    ``has_engine_beside``: the engine is a process of its own, as a demo's always is. ``removal_trouble`` is the window
    that says why a demo could not be removed.
    """

    removal_trouble: RemovalTrouble | None = None

    def __init__(
        self,
        application: QApplication,
        folder: DataFolder,
        choices: Choices | None = None,
        *,
        database_url: str | None = None,
        owns_process: bool = False,
        has_engine_beside: bool = False,
        is_demo: bool = False,
    ) -> None:
        from app.main_window import MainWindow
        from app.opening import Opening
        from app.shell.appearance.language import Language
        from app.shell.appearance.theme import Appearance
        from app.shell.background.bridge import Bridge
        from app.shell.background.task import BackgroundTask
        from app.shell.desktop.single_instance import SingleInstance
        from app.shell.session.engine_runner import EngineBeside, EngineHere
        from app.shell.session.passphrase import PassphraseBox
        from app.shell.session.settings import SettingsFile

        self._application, self._folder, self._owns_process = application, folder, owns_process
        self._behind = Opening(folder, choices, database_url, is_demo=is_demo)
        self.settings = SettingsFile(folder.settings)
        self.language = Language(application, self.settings.now.language)
        self.appearance = Appearance(application, self.settings.now.contrast, self.settings.now.motion)
        self.appearance.choose(self.settings.now.appearance)
        beside = EngineBeside(folder, database_url, is_demo=is_demo, told=self._hear_of_engine)
        self.engine: EngineRunner = beside if has_engine_beside or is_demo else EngineHere()
        self.passphrase = PassphraseBox()
        self.last_exit: LastExit | None = None
        self.installation: Installation | None = None
        self.services: Services | None = None
        self._is_removing, self._is_closed = False, False
        self.window = window = MainWindow(self.settings, is_demo=is_demo)
        self.bridge, self._instance = Bridge(window), SingleInstance(folder, window, database_url)
        self.opening = BackgroundTask(self._open, window, then_import=imports.of_first_page(self.settings.now.page))
        self.engine_start = BackgroundTask(self._start_engine, window, then_import=imports.of_rest())
        self._connect()

    def _connect(self) -> None:
        self.opening.ready.connect(self._attach)
        self.opening.failed.connect(self.window.show_opening_error)
        self.window.retry_asked.connect(self.opening.start)
        self.window.closing.connect(self.close)
        self.window.demo.removal_agreed.connect(self._remove_demo)
        self._instance.activated.connect(self._come_forward)
        self.engine_start.ready.connect(self._freeze)
        self.language.changed.connect(self._tell_language)
        self._tell_language()

    def prepare_folder(self) -> None:
        """Before anything is written.

        :raises StoreError: it cannot be used.
        """
        self._behind.prepare_folder()

    def raise_other(self) -> bool:
        """Whether another window of this data folder is open; then it comes to the front."""
        return self._instance.activate_running()

    def start(self) -> None:
        """Paint the window, then open what is behind it."""
        if self._owns_process:
            sys.setswitchinterval(SWITCH_S)
        self.window.painted.connect(self._after_first_paint)
        self.window.show()

    def _after_first_paint(self) -> None:
        """The frame must reach the screen first: a thread that imports holds the interpreter's lock."""
        from PySide6.QtCore import QTimer

        gc.enable()
        QTimer.singleShot(0, self._listen_for_starts)
        QTimer.singleShot(0, self.opening.start)

    def _listen_for_starts(self) -> None:
        """Listen for later starts, which raise this window instead of opening another."""
        if not self._is_closed:
            self._instance.open()

    def close(self) -> None:
        """Bridge first, then readers, then the engine: nothing reaches a widget that is going."""
        if self._is_closed:
            return
        self._is_closed = True
        self._instance.close()
        self.window.demo.close()
        self.bridge.close()
        unattached: Any = self.opening.leave()
        self.engine_start.leave()
        if self.window.global_errors is not None:
            self.window.global_errors.close()
        if self.services is not None:
            self.services.last_seen.close()
            self.services.reader.close()
        width, height = self.window.last_size
        place, is_maximised = self.window.last_position, self.window.isMaximized()
        self.settings.close(width=width, height=height, position=place, is_maximised=is_maximised)
        for installation in (unattached, self.installation):
            if installation is not None:
                installation.close()
        self.engine.close(keep=self._keeps_engine)
        self._behind.close()
        if self._behind.demo is not None and self._is_removing:
            from app.shell.window.removal_trouble import remove_or_tell

            self.engine.wait_for_end()
            self.removal_trouble = remove_or_tell(self._behind.demo.remove)

    def wait_for_engine(self) -> None:
        """After the window is gone: the program has ended when its engine has, unless that is kept."""
        if not self._keeps_engine:
            self.engine.wait_for_end()

    @property
    def _keeps_engine(self) -> bool:
        return self.settings.now.keep_engine and not self._is_removing

    def show_fault(self, words: str) -> None:
        """A bug got through, on any thread: tell the person once, with what to send us."""
        from app.shell.fault import internal_error

        if self.window.global_errors is not None:
            self.bridge.tell(self.window.global_errors.show, internal_error(words))

    def _open(self) -> Installation:
        """On the opening thread."""
        return self._behind.open(self.engine, self.passphrase, self._hear_of_key)

    def _start_engine(self) -> Installation:
        """On a second thread, once the first page reads."""
        installation = self.installation
        assert installation is not None
        installation.watcher.start()
        self.engine.start(installation)
        imports.import_without_qt(imports.WITHOUT_QT_REST)
        return installation

    def _tell_language(self) -> None:
        """What the engine writes for a person is in the window's language."""
        self.engine.speak(self.language.code)

    def _hear_of_key(self) -> None:
        """Whatever shows the state of the secret store reads it again; on any thread."""
        from app.shell.session.secret_state import UNLOCKING

        self.bridge.announce(UNLOCKING)

    def _hear_of_engine(self) -> None:
        """On the thread that hears the engine's process."""
        self.bridge.tell(self._show_engine, None)

    def _show_engine(self, _nothing: object) -> None:
        if self.installation is not None and self.engine.is_running:
            self.installation.live.ask_again()
        if self.window.global_errors is not None:
            self.window.state.ask_who()
            self.window.global_errors.show_engine()

    def _freeze(self, _opened: object = None) -> None:
        """What is imported stays: later collections need not walk through it. Only in a process of our own."""
        if self._owns_process:
            gc.freeze()
        log.info("All is loaded" if self.engine_start.is_done else "The first page is loaded")

    def _attach(self, installation: Installation) -> None:
        from backend.core.paths import was_open

        self._freeze()
        self.installation = installation
        self.services = self._make_services(installation)
        self.bridge.follow(installation.store.feed.subscribe)
        self.window.first_read.connect(self._start_engine_once)
        self.language.changed.connect(self.window.build_again)
        self.window.attached.connect(self._follow_window)
        self.window.turned.connect(self.services.last_seen.turn)
        self.window.attach(self.services)
        if self.last_exit is not None and self.window.global_errors is not None:
            self.window.global_errors.show_last_exit(self.last_exit)
        if self._behind.was_open_to_others and self.window.global_errors is not None:
            self.window.global_errors.show(was_open(self._folder))

    def _make_services(self, installation: Installation) -> Services:
        from app.shell.background.reader import Reader
        from app.shell.requests.outcomes import OutcomeTracker
        from app.shell.requests.submit import RequestSubmitter
        from app.shell.session.last_seen import LastSeen
        from app.shell.session.looks import Looks
        from app.shell.session.notification_channel import NotificationChannel
        from app.shell.session.services import Services, View
        from backend.store.query import Source

        def source() -> Source:
            return Source(installation.store, installation.metrics, installation.clock.now())

        reader = Reader(source, self.bridge)
        return Services(
            installation=installation,
            bridge=self.bridge,
            reader=reader,
            submit=RequestSubmitter(installation.client, self.bridge, OutcomeTracker(reader, self.bridge)),
            view=View(self.window, self._behind.workspaces, self.settings.now.workspace),
            looks=Looks(self.settings, self.appearance, self.language, self.window),
            settings=self.settings,
            passphrase=self.passphrase,
            engine_start=self.engine_start,
            engine=self.engine,
            last_seen=LastSeen(self.settings, installation.clock.now, self.window),
            demo=self.window.demo,
            notifications=NotificationChannel(self.window),
        )

    def _follow_window(self) -> None:
        """What the window is made of is made anew when another language is spoken."""
        window, installation = self.window, self.installation
        assert window.global_errors is not None
        assert window.tray is not None
        assert installation is not None
        self.engine_start.failed.connect(window.global_errors.show_no_engine)
        window.tray.hidden.connect(installation.watcher.set_hidden)

    def _start_engine_once(self) -> None:
        """The first page is read: now what is heavy may take the processor."""
        self.window.first_read.disconnect(self._start_engine_once)
        self.engine_start.start()

    def _remove_demo(self) -> None:
        """Close for good; the folder goes when nothing uses it any more."""
        self._is_removing = True
        if self.window.tray is not None:
            self.window.tray.quit()

    def _come_forward(self) -> None:
        """Also out of the tray; before anything is open there is only the window itself."""
        if self.window.tray is not None:
            self.window.tray.come_forward()
        else:
            self.window.raise_()
            self.window.activateWindow()


def turn_until(condition: Callable[[], Any], seconds: float) -> Any:
    """Turn the event loop until ``condition()`` is true, or for so long; what it said last."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, timer, end = QEventLoop(), QTimer(), time.monotonic() + seconds
    said: list[Any] = [None]

    def look() -> None:
        if said[0] or time.monotonic() > end:  # first: a condition that raises must not outlive its time
            loop.quit()
        said[0] = said[0] or condition()

    timer.timeout.connect(look)
    timer.start(10)  # ms: often enough for a person, seldom enough for what is waited for
    loop.exec()
    timer.stop()
    return said[0]
