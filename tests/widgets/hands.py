"""What hands do to a widget: put it in a window that is looked at, open its menu, take what that offers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget


def show_in(window: QWidget, qtbot: Any, *widgets: QWidget) -> None:
    """Put these below each other, and wait until the window has the keyboard."""
    layout = window.layout()
    assert layout is not None
    for widget in widgets:
        layout.addWidget(widget)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def menu_of(widget: QWidget) -> QMenu:
    """The menu that the menu key opens."""
    QApplication.sendEvent(widget, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def take_table_and_image(drawn: Any, menu: QMenu, qtbot: Any, *, image: int) -> None:
    """By the menu's first entry and by the one at ``image``: both are of what is drawn."""
    with qtbot.waitSignal(drawn.table_asked):
        menu.actions()[0].trigger()
    QGuiApplication.clipboard().clear()
    menu.actions()[image].trigger()

    assert QGuiApplication.clipboard().pixmap().size() == drawn.size()
    menu.close()
