"""The commands that begin and remove the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from backend.core.errors import MailyardError

if TYPE_CHECKING:
    from app.shell.route import Go
    from app.shell.session.services import Services
    from app.shell.window.said import Say


def start_demo(services: Services, _window: QWidget, _go: Go, _say: Say) -> None:
    """The command that opens the demo; what came of it is said by whoever listens to the control."""
    try:
        services.demo.start()
    except MailyardError as error:
        services.demo.failed.emit(error)
    else:
        services.demo.started.emit()


def remove_demo(services: Services, _window: QWidget, _go: Go, _say: Say) -> None:
    """The command that removes it, after a sheet that says what goes."""
    services.demo.ask_to_remove()
