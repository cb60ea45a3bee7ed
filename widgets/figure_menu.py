"""What can be done with a painted figure: shown as a table, copied as one, or copied as it is seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from backend.core.present.text import _
from widgets.grid_data import TableWords
from widgets.menu import Menu


class FigureMenu(QObject):
    """Owned by its figure; lives in the GUI thread. ``table_asked`` is for who can show the figure's table."""

    table_asked = Signal()

    def __init__(self, figure: QWidget, table: Callable[[], TableWords]) -> None:
        super().__init__(figure)
        self._figure, self._table = figure, table

    def open(self, place: QPoint) -> None:
        """At a place of the screen."""
        menu = Menu(self._figure, self._figure.accessibleName())
        menu.addAction(_("Show as table")).triggered.connect(self.table_asked)
        menu.addAction(_("Copy as table")).triggered.connect(self.copy)
        menu.addAction(_("Copy image")).triggered.connect(self.copy_image)
        menu.show_once(place)

    def copy(self) -> None:
        """The whole table to the clipboard, as text with tabs."""
        head, rows = self._table()
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in (head, *rows)))

    def copy_image(self) -> None:
        """The figure as it is seen, to the clipboard."""
        QGuiApplication.clipboard().setPixmap(self._figure.grab())
