"""How the fleet stands: a tile for each status, and what ends, costs, or is not measured yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.status import Status, word
from backend.core.present.text import _, ngettext
from widgets import tokens
from widgets.elided import ElidedLabel
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.panel import Panel
from widgets.status_mark import StatusMark

if TYPE_CHECKING:
    from backend.overview.queries import OverviewRows

TILES = (
    Status.OK,
    Status.WARNING,
    Status.CRITICAL,
    Status.INCONCLUSIVE,
    Status.WAITING,
    Status.UNKNOWN,
)
HEIGHT = 72


class Tile(QWidget):
    """A status, how many servers have it, and what that means."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self._status = status
        self.count, self.note = Label("0", "title"), ElidedLabel(role="small")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(StatusMark(status))
        head.addWidget(self.count)
        head.addWidget(Label(word(status), "body"))
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 6, 10)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.note)

    def show_count(self, count: int, note: str) -> None:
        self.count.setText(words.number(count))
        self.note.setText(note)
        servers = ngettext("{n} server", "{n} servers", count).format(n=words.number(count))
        self.setAccessibleName(f"{word(self._status)}: {servers}")
        self.setAccessibleDescription(note)


class FleetPanel(Panel):
    """All six in a row."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(_("Servers by status"))
        self.tiles = {status: Tile(status) for status in TILES}
        row = QHBoxLayout()
        row.setSpacing(0)
        for tile in self.tiles.values():
            row.addWidget(tile, 1)
        self.body.addLayout(row)
        self._rows: OverviewRows | None = None

    def show_rows(self, rows: OverviewRows) -> None:
        self._rows = rows
        self.show_ages()

    def show_ages(self) -> None:
        if self._rows is None:
            return
        notes = {
            Status.OK: _newest(self._rows.observed_at),
            Status.WARNING: _("a threshold is passed"),
            Status.CRITICAL: _("down, or over the limit"),
            Status.INCONCLUSIVE: _("could not be observed"),
            Status.WAITING: _("being made"),
            Status.UNKNOWN: _("off, or not entered"),
        }
        for status, tile in self.tiles.items():
            count = self._rows.fleet.get(status, 0)
            tile.show_count(count, notes[status] if count else _("none"))


class EndingsPanel(Panel):
    """What ends within thirty days."""

    def __init__(self) -> None:
        super().__init__(_("Ends soon"), _("next 30 days"), padded=True)
        self.rows, self.nothing = KeyValues(), Label(_("Nothing that Mailyard knows of."), "muted", wraps=True)
        self.body.addWidget(self.rows)
        self.body.addWidget(self.nothing)

    def show_rows(self, rows: OverviewRows) -> None:
        now = datetime.now(UTC)
        self.rows.set_rows([(each.title, _left((each.at - now).days)) for each in rows.endings])
        self.rows.setVisible(bool(rows.endings))
        self.nothing.setVisible(not rows.endings)


class CostPanel(Panel):
    """What the servers cost a month by their plans."""

    def __init__(self) -> None:
        super().__init__(_("Servers a month"), _("by list price"), padded=True)
        self.sum, self.note = Label("", "title"), Label("", "small", wraps=True)
        self.body.addWidget(self.sum)
        self.body.addWidget(self.note)

    def show_rows(self, rows: OverviewRows) -> None:
        sums = [words.money(micro, currency) for currency, micro in sorted(rows.monthly.items())]
        self.sum.setText(" + ".join(sums) or words.DASH)
        unpriced = ngettext("{n} server has no known price.", "{n} servers have no known price.", rows.unpriced)
        known = _("Every server's price is known. Use and budgets are not accounted for yet.")
        self.note.setText(unpriced.format(n=words.number(rows.unpriced)) if rows.unpriced else known)


class NotYetPanel(Panel):
    """What a later part of the program will feed; nothing stands here as if it were good."""

    def __init__(self) -> None:
        super().__init__(_("Not measured yet"), padded=True)
        for text in (_("Backups proven"), _("Sends against warm-up caps"), _("Certificates and DNS")):
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(StatusMark(Status.UNKNOWN))
            line.addWidget(Label(text), 1)
            self.body.addLayout(line)


def aside(*panels: Panel) -> QWidget:
    """Panels below each other, at the right of the page."""
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(tokens.PANEL_GAP)
    for panel in panels:
        column.addWidget(panel)
    column.addStretch(1)
    whole = QWidget()
    whole.setLayout(column)
    return whole


def _newest(moment: datetime | None) -> str:
    age = words.age(moment, datetime.now(UTC))
    return _("seen {age}").format(age=age) if moment else _("never observed")


def _left(days: int) -> str:
    return ngettext("{n} day", "{n} days", days).format(n=words.number(days))
