"""The demo beside the live window: started as a process of its own, removed from its own window."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from backend.core.errors import MailyardError
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.band import belongs_to_demo
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


OPENING_S = 15.0


class DemoControl(QObject):
    """``leaving`` is emitted when the person agreed to remove the demo whose window this is."""

    leaving = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    @property
    def is_demo(self) -> bool:
        """Whether its window is the demo's."""
        return belongs_to_demo(self._window)

    def start(self) -> None:
        """Open the demo's window. One that is open comes forward by itself, one that is being opened is left to it.

        :raises MailyardError: it cannot be started.
        """
        is_opening = time.monotonic() - self._started_at < OPENING_S
        if is_opening and self._process is not None and self._process.poll() is None:
            return
        self._started_at = time.monotonic()
        try:
            self._process = subprocess.Popen(
                demo_command(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise MailyardError(
                _("The demo could not be started."), remedy=_("Start it with: mailyard --demo"), detail=str(error)
            ) from error

    def ask_to_remove(self) -> None:
        text = SheetText(_("Remove the demo"), _("Remove the demo"), _("Keep it"), _("All workspaces"))
        sheet = Sheet(text, self._window)
        sheet.set_effects(
            [
                EffectLine(_("Removed"), _("the demo's folder"), _("its servers, clouds and history; none was real")),
                EffectLine(_("Live data"), _("untouched"), _("They are in a folder of their own."), Status.OK),
                EffectLine(_("Undo"), _("start the demo again"), _("It begins anew.")),
            ]
        )
        sheet.agreed.connect(self.leaving)
        sheet.open()


def demo_command() -> list[str]:
    """How this program is started once more, as the demo."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--demo"]
    return [sys.executable, "-m", "app", "--demo"]
