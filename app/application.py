"""The program as a window: one instance for a data folder, painted first, opened afterwards, closed in order."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.imports import import_first, import_rest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.shell.crash import CrashHooks
    from app.shell.last_end import LastEnd
    from app.shell.services import Services
    from backend.bootstrap import Choices, Demo, Installation
    from backend.core.paths import DataFolder
    from backend.workspaces.queries import WorkspaceRow

log = logging.getLogger(__name__)

LOOK_MS = 10
SWITCH_S = 0.001  # the engine's threads give way to the window five times sooner than by default


def open_console(folder: DataFolder, *, is_demo: bool = False) -> int:
    """Run the console on ``folder`` until its window closes; the exit code.

    What would make Qt abort was looked for before: :func:`app.cli.window.open_window`.
    """
    from PySide6.QtWidgets import QApplication

    application = QApplication(["mailyard"])
    application.setApplicationName("Mailyard")
    application.setDesktopFileName("mailyard")
    console = Console(application, folder, owns_process=True, is_demo=is_demo)
    if console.raise_other():
        return 0
    hooks = watch_for_crashes(folder, console)
    console.last_end = hooks.last_end
    console.start()
    code = application.exec()
    hooks.remove()
    return code


def watch_for_crashes(folder: DataFolder, console: Console) -> CrashHooks:
    """From the first moment on; a folder that cannot be written is told by the opening."""
    from app.shell.crash import CrashHooks

    return CrashHooks(folder.logs, console.show_fault)


class Console:
    """Owner of everything in the window's process; lives in the GUI thread."""

    def __init__(
        self,
        application: QApplication,
        folder: DataFolder,
        choices: Choices | None = None,
        *,
        owns_process: bool = False,
        is_demo: bool = False,
    ) -> None:
        from app.main_window import MainWindow
        from app.shell.bridge import Bridge
        from app.shell.door import Door
        from app.shell.language import Language
        from app.shell.opening import Opening
        from app.shell.passphrase import PassphraseBox
        from app.shell.settings import SettingsFile
        from app.shell.theme import Appearance

        self._application, self._folder, self._choices = application, folder, choices
        self._owns_process = owns_process
        if owns_process:
            sys.setswitchinterval(SWITCH_S)
        self.settings = SettingsFile(folder.settings)
        self.language = Language(application, self.settings.now.language)
        self.appearance = Appearance(application, self.settings.now.contrast, self.settings.now.motion)
        self.appearance.choose(self.settings.now.appearance)
        self.passphrase = PassphraseBox()
        self.last_end: LastEnd | None = None
        self.installation: Installation | None = None
        self.services: Services | None = None
        self._log: logging.Handler | None = None
        self._demo: Demo | None = None
        self._is_demo, self._is_removing = is_demo, False
        self._workspaces: tuple[WorkspaceRow, ...] = ()
        self._is_closed = False
        self.window = MainWindow(self.settings, is_demo=is_demo)
        self.bridge, self._door = Bridge(self.window), Door(folder, self.window)
        self.opening = Opening(self._open, self.window)
        self.growing, self.filling = Opening(self._grow, self.window), Opening(self._fill_in, self.window)
        self._connect()

    def _connect(self) -> None:
        self.opening.ready.connect(self._attach)
        self.opening.failed.connect(self.window.show_opening_error)
        self.window.retry_asked.connect(self.opening.start)
        self.window.closing.connect(self.close)
        self.window.demo.leaving.connect(self._remove_demo)
        self._door.knocked.connect(self._come_forward)

    def raise_other(self) -> bool:
        """Whether another window of this data folder is open; then it comes to the front."""
        return self._door.knock()

    def start(self) -> None:
        """Paint the window, then open what is behind it."""
        self.window.painted.connect(self._after_first_paint)
        self.window.show()

    def _after_first_paint(self) -> None:
        """The frame must reach the screen first: a thread that imports holds the interpreter's lock."""
        from PySide6.QtCore import QTimer

        gc.enable()
        QTimer.singleShot(0, self._open_door)
        QTimer.singleShot(0, self.opening.start)

    def _open_door(self) -> None:
        """Listen for later starts, which raise this window instead of opening another."""
        if not self._is_closed:
            self._door.open()

    def close(self) -> None:
        """Bridge first, then readers, then the engine: nothing reaches a widget that is going."""
        if self._is_closed:
            return
        self._is_closed = True
        self._door.close()
        self.window.demo.close()
        self.bridge.close()
        unattached: Any = self.opening.leave()
        self.growing.leave()
        self.filling.leave()
        if self.window.troubles is not None:
            self.window.troubles.close()
        if self.services is not None:
            self.services.visit.close()
            self.services.reader.close()
        width, height = self.window.last_size
        self.settings.close(width=width, height=height)
        for installation in (unattached, self.installation):
            if installation is not None:
                installation.close()
        self._stop_logging()
        if self._demo is not None:
            self._demo.close()
            if self._is_removing:
                self._try_to_remove(self._demo)

    def show_fault(self, words: str) -> None:
        """A bug got through, on any thread: tell the person once, with what to send us."""
        from backend.core.errors import MailyardError
        from backend.core.present.text import _

        title = _("The program met a fault of its own.")
        remedy = _("It goes on. Copy the details and send them with the log if it happens again.")
        if self.window.troubles is not None:
            self.bridge.tell(self.window.troubles.show, MailyardError(title, remedy=remedy, detail=words))

    def _open(self) -> Installation:
        """On the opening thread: heavy imports, then the store; making or upgrading a database takes longer."""
        from backend.bootstrap import Installation
        from backend.core.log import start_logging
        from backend.store.query import Source
        from backend.workspaces.queries import Workspaces

        self._folder.prepare()
        if self._log is None:
            self._log = start_logging(self._folder.logs, name="console")
            log.info("The console started")
        installation = self._open_demo() if self._is_demo else Installation(self._folder, self._chosen())
        try:
            if self._is_demo or not installation.is_readable():
                installation.become_engine("console")
        except BaseException:
            installation.close()
            raise
        import_first(self.settings.now.page)
        self._freeze()
        if installation.is_readable():
            source = Source(installation.store, installation.metrics, installation.clock.now())
            self._workspaces = Workspaces().run(source)
        return installation

    def _chosen(self) -> Choices:
        from dataclasses import replace

        from backend.bootstrap import Choices

        return self._choices or replace(Choices(), ask_passphrase=self.passphrase.get)

    def _open_demo(self) -> Installation:
        """The first time it writes ninety days; a try after a failure begins where it stopped."""
        from backend.bootstrap import Demo

        self._demo = self._demo or Demo(self._folder)
        return self._demo.open()

    def _grow(self) -> Installation:
        """On a second thread, once the first page reads: become the engine, and import what charts are drawn with."""
        installation = self.installation
        assert installation is not None
        installation.watcher.start()
        if installation.engine is None:
            installation.become_engine("console")
        import_rest()
        self._freeze()
        return installation

    def _fill_in(self) -> Installation:
        """Of the demo, once charts can be drawn: what was observed before today."""
        installation = self.installation
        assert installation is not None
        if self._demo is not None:
            self._demo.fill_in(installation)
        return installation

    def _stop_logging(self) -> None:
        if self._log is not None:
            from backend.core.log import stop_logging

            stop_logging(self._log)
            self._log = None

    def _freeze(self) -> None:
        """What is imported stays: later collections need not walk through it. Only in a process of our own."""
        if self._owns_process:
            gc.freeze()

    def _attach(self, installation: Installation) -> None:
        from app.shell.fates import Fates
        from app.shell.reader import Reader
        from app.shell.services import Services, View
        from app.shell.submit import Submit
        from app.shell.visit import Visit
        from backend.store.query import Source

        self.installation = installation

        def source() -> Source:
            return Source(installation.store, installation.metrics, installation.clock.now())

        reader = Reader(source, self.bridge)
        self.services = Services(
            installation=installation,
            bridge=self.bridge,
            reader=reader,
            submit=Submit(installation.client, self.bridge, Fates(reader, self.bridge)),
            view=View(self.window, self._workspaces, self.settings.now.workspace),
            appearance=self.appearance,
            settings=self.settings,
            passphrase=self.passphrase,
            growing=self.growing,
            visit=Visit(self.settings, installation.clock.now, self.window),
            language=self.language,
        )
        self.bridge.follow(installation.store.feed.subscribe)
        self.window.first_read.connect(self._grow_once)
        self.language.changed.connect(self.window.build_again)
        self.window.attached.connect(self._follow_window)
        self.window.turned.connect(self.services.visit.turn)
        self.window.attach(self.services)
        if self.last_end is not None and self.window.troubles is not None:
            self.window.troubles.show_last_end(self.last_end)
        if self._is_demo:
            self.growing.ready.connect(self.filling.start)

    def _follow_window(self) -> None:
        """What the window is made of is made anew when another language is spoken."""
        window, installation = self.window, self.installation
        assert window.troubles is not None
        assert window.leaving is not None
        assert installation is not None
        self.growing.failed.connect(window.troubles.show_no_engine)
        self.filling.failed.connect(window.troubles.show)
        window.leaving.hidden.connect(installation.watcher.set_hidden)

    def _grow_once(self) -> None:
        """The first page is read: now what is heavy may take the processor."""
        self.window.first_read.disconnect(self._grow_once)
        self.growing.start()

    def _try_to_remove(self, demo: Demo) -> None:
        """The window is gone: what could not be deleted is told by the log, and by the next start, which opens it."""
        from backend.core.errors import MailyardError

        try:
            demo.remove()
        except MailyardError as error:
            log.warning("%s %s", error.title, error.detail)

    def _remove_demo(self) -> None:
        """Close for good; the folder goes when nothing uses it any more."""
        self._is_removing = True
        if self.window.leaving is not None:
            self.window.leaving.quit()

    def _come_forward(self) -> None:
        """Also out of the tray; before anything is open there is only the window itself."""
        if self.window.leaving is not None:
            self.window.leaving.come_forward()
        else:
            self.window.raise_()
            self.window.activateWindow()


def turn_until(condition: Callable[[], Any], seconds: float) -> Any:
    """Turn the event loop until ``condition()`` is true, or for so long; what it said last."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, timer, end = QEventLoop(), QTimer(), time.monotonic() + seconds
    said: list[Any] = [None]

    def look() -> None:
        said[0] = condition()
        if said[0] or time.monotonic() > end:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    loop.exec()
    timer.stop()
    return said[0]
