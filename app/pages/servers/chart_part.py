"""What the live view and the history of a server share: charts, built late, of one server at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.servers.chart_files import ChartFiles
from backend.core.present.text import _
from widgets.scrolled import Flexible, scrolled

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from backend.servers.charts.queries import ChartSeries
    from backend.servers.queries import ServerRow
    from backend.store.query import Query
    from widgets.charts.stack import ChartStack


class ChartPart(QWidget):
    """Part of the detail. A subclass makes the charts, forgets what it knew of a server that is left, and asks.

    ``key`` goes into the name of a file, ``title`` (a message id) is what the charts are called.
    """

    key = ""
    title = ""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._row: ServerRow | None = None
        self._files: ChartFiles | None = None
        self.charts: ChartStack | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_server(self, row: ServerRow) -> None:
        """Of another server nothing is shown before it is read."""
        if self._row is None or self._row.id != row.id:
            self._forget()
            if self.charts is not None:
                self.charts.clear()
        self._row = row
        self._name_files()

    def ensure_charts(self) -> None:
        """Built when first looked at: their library is heavy."""
        if self.charts is None:
            self.charts = self._make_charts()
            self._files = ChartFiles(self._page, self.charts, self.key)
            self._name_files()
            self._column.addWidget(scrolled(Flexible(self.charts), _(self.title)), 1)

    def refresh(self) -> None:
        """Ask for what is shown."""
        raise NotImplementedError

    def _make_charts(self) -> ChartStack:
        raise NotImplementedError

    def _forget(self) -> None:
        raise NotImplementedError

    def _ask(self, about: str, query: Query[ChartSeries], show: Callable[[ChartSeries], None]) -> None:
        """An answer is dropped where another server is looked at by then."""
        asked = self._row

        def answered(series: ChartSeries) -> None:
            if asked is not None and self._row is not None and self._row.id == asked.id:
                show(series)

        self._page.ask(about, query, answered)

    def _name_files(self) -> None:
        if self._files is not None and self._row is not None:
            self._files.server = self._row.name
