"""Where a window stands, how large it is and how its parts are divided, from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, QRect, QSize, Qt

from widgets import on_screen

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow, QSplitter

    from app.shell.session.settings import Settings

SMALL_SCREEN, PART = 1440, 0.85
SEEN = QSize(120, 40)  # of a window that can still be taken hold of


def restore_geometry(window: QMainWindow, kept: Settings) -> None:
    """As it was left, on a screen that is still there; as large as suits the screen the first time.

    Under Wayland nobody but the desktop places a window: there the place is not kept.
    """
    size, place, screen = QSize(kept.width, kept.height), position(kept.position), window.screen()
    wanted = first_size(size, on_screen.room(window), window.minimumSize()) if place is None else size
    window.resize(*on_screen.fitting(window, wanted.width(), wanted.height()))
    if place is not None and any(is_seen(place, each.availableGeometry()) for each in screen.virtualSiblings()):
        window.move(place)
    if kept.is_maximised:
        window.setWindowState(Qt.WindowState.WindowMaximized)


def first_size(wanted: QSize, most: QSize, least: QSize) -> QSize:
    """What suits a screen with room for ``most``: all of a small one, the greater part of a large one; ``wanted`` where
    it has not even room for the ``least`` window."""
    if most.width() < least.width() or most.height() < least.height():
        return wanted
    if most.width() <= SMALL_SCREEN:
        return most
    return QSize(round(most.width() * PART), round(most.height() * PART)).expandedTo(least)


def position_text(place: QPoint) -> str:
    """What :func:`position` reads."""
    return f"{place.x()},{place.y()}"


def position(text: str) -> QPoint | None:
    """The corner that was kept; None where there is none."""
    try:
        left, top = map(int, text.split(","))
    except ValueError:
        return None
    return QPoint(left, top)


def is_seen(place: QPoint, screen: QRect) -> bool:
    """Whether enough of a window's head would be on this screen."""
    return screen.contains(QRect(place, SEEN))


def split_text(splitter: QSplitter) -> str:
    """How a splitter is divided: what :func:`divide` takes."""
    return bytes(splitter.saveState().toBase64().data()).decode("ascii")


def divide(splitter: QSplitter, text: str) -> None:
    """Divide as it was left; text that is none changes nothing."""
    if text:
        splitter.restoreState(QByteArray.fromBase64(text.encode("ascii", "ignore")))
