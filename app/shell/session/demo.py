"""The demo beside the live window: started as a process of its own, removed from its own window."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from backend.core.errors import MailyardError
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.band import belongs_to_demo
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

OPENING_S, LOOK_MS, MOST_WORDS = 15.0, 250, 2_000


class DemoControl(QObject):
    """``removal_agreed`` is emitted when the person agreed to remove the demo whose window this is.

    ``started``: its window opens. ``failed`` carries the :class:`MailyardError` of one that could not be started, or
    that ended before it can have been open.
    """

    removal_agreed = Signal()
    started = Signal()
    failed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._started_at = 0.0
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look)

    @property
    def is_demo(self) -> bool:
        """Whether its window is the demo's."""
        return belongs_to_demo(self._window)

    def start(self) -> None:
        """Open the demo's window. One that is open comes forward by itself, one that is being opened is left to it.

        :raises MailyardError: it cannot be started.
        """
        if self._is_opening and self._process is not None and self._process.poll() is None:
            return
        self._started_at = time.monotonic()
        self._forget()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - until the demo is open or has ended
        try:
            self._process = subprocess.Popen(
                demo_command(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,
            )
        except OSError as error:
            raise _trouble(str(error)) from error
        self._looking.start()

    def close(self) -> None:
        """The window goes: the demo lives on, and nobody listens to it."""
        self._looking.stop()
        self._forget()

    @property
    def _is_opening(self) -> bool:
        return time.monotonic() - self._started_at < OPENING_S

    def _look(self) -> None:
        """One that ends with 0 found the demo open, and let it come forward."""
        code = None if self._process is None else self._process.poll()
        if code is None and self._is_opening:
            return
        self._looking.stop()
        if code and self._said is not None:
            self._said.seek(0)
            words = self._said.read().decode(errors="replace")[-MOST_WORDS:]
            self.failed.emit(_trouble(f"{words}({code})"))
        self._forget()

    def _forget(self) -> None:
        if self._said is not None:
            self._said.close()
            self._said = None

    def ask_to_remove(self) -> None:
        text = SheetText(_("Remove the demo"), _("Remove the demo"), _("Keep it"), _("All workspaces"))
        sheet = Sheet(text, self._window)
        sheet.set_effects(
            [
                EffectLine(_("Removed"), _("the demo's folder"), _("its servers, clouds and history; none was real")),
                EffectLine(_("Live data"), _("unchanged"), _("They are in a separate folder."), Status.OK),
                EffectLine(_("Undo"), _("start the demo again"), _("It starts over.")),
            ]
        )
        sheet.agreed.connect(self.removal_agreed)
        sheet.open()


def _trouble(detail: str) -> MailyardError:
    return MailyardError(_("The demo could not be started."), remedy=_("Start it with: mailyard --demo"), detail=detail)


def demo_command() -> list[str]:
    """How this program is started once more, as the demo."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--demo"]
    return [sys.executable, "-m", "app", "--demo"]
