"""The second page of the gallery: the pieces that pages put together, each in its states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from tests.widgets.bars import months, warm_up
from tests.widgets.grids import days, days_of_a_year, hours, lists
from widgets import tokens
from widgets.band_plot import BandData, BandPlot
from widgets.bar_plot import BarPlot
from widgets.bulk_bar import BulkAct, BulkBar
from widgets.cell_grid import CellGrid
from widgets.change_cards import Card, ChangeCards
from widgets.fact_list import Fact, FactList
from widgets.label import Label
from widgets.legend import Legend
from widgets.need_row import NeedRow, NeedText
from widgets.panel import Panel, rule
from widgets.plan_bar import PlanBar, PlanCount
from widgets.range_buttons import RangeButtons
from widgets.record_block import RecordBlock
from widgets.stepper import Stepper, StepState, WizardStep
from widgets.tile import Delta, FigureTile, StatusTile, TileRow
from widgets.toasts import ToastAct, Toasts

WIDTH = 1366
NOW = datetime(2026, 11, 22, 14, 31, tzinfo=UTC)


class Pieces(QWidget):
    """Two columns."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pieces")
        self.setWindowTitle("Pieces")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(24)
        row.addLayout(self._left(), 1)
        row.addLayout(self._right(), 1)
        self.fit()

    def fit(self) -> None:
        """As high as the words need at this width."""
        width = max(WIDTH, self.minimumSizeHint().width())
        self.setFixedSize(width, max(self.minimumSizeHint().height(), self.heightForWidth(width)))

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        _head(column, _("Time ranges"), gap=0)
        self.ranges = RangeButtons(now=lambda: NOW)
        custom = RangeButtons(first="7d", now=lambda: NOW)
        custom.choose_between(datetime(2026, 10, 3, 8, tzinfo=UTC), datetime(2026, 10, 8, 12, tzinfo=UTC))
        for ranges in (self.ranges, custom):
            column.addWidget(ranges, 0, Qt.AlignmentFlag.AlignLeft)
        _head(column, _("After an act"))
        column.addWidget(self._toasted())
        _head(column, _("Acts on all that is chosen"))
        for count, width in ((4, 0), (120, 360)):
            column.addWidget(bulk_bar(count, width))
        _head(column, _("Now and new"))
        column.addWidget(change_cards())
        _head(column, _("Bars with a plan, a limit, today"))
        self.costs = BarPlot(_("By type"), _("USD a month"), words.number)
        self.warm_up = BarPlot(_("Warm-up"), _("messages a day"), words.number)
        for plot, data in ((self.costs, months()), (self.warm_up, warm_up())):
            plot.set_data(data)
            panel = Panel(_("By type") if plot is self.costs else _("Warm-up"))
            panel.body.addLayout(_edged(Legend(data.legend())))
            panel.body.addWidget(plot)
            column.addWidget(panel)
        self.costs.choose(8)
        self._add_day(column)
        _head(column, _("Steps of a wizard"))
        for width in (0, 300):
            column.addWidget(stepper(width))
        column.addStretch(1)
        return column

    def _toasted(self) -> QWidget:
        """A window in small, with what is said at its lower right."""
        ground = QWidget()
        ground.setFixedHeight(224)
        self.toasts = Toasts(ground, lasts_ms=3_600_000)
        acts = (ToastAct("undo", _("Undo")), ToastAct("activity", _("Open in Activity")))
        self.toasts.say(_("mx1.acme-dental.example restarts."), acts[1:], status=Status.RUNNING)
        self.toasts.say(_("Four servers are tagged as warming up. Their limits are read each hour."), acts)
        return ground

    def _add_day(self, column: QVBoxLayout) -> None:
        """The band of a day, and facts that lead somewhere."""
        _head(column, _("A day of many at once"))
        self.band, self.facts = BandPlot(_("CPU"), "p50", "p95"), FactList(_("Hottest servers"))
        self.band.set_data(day_of_load())
        shown = Fact(1, "mx1.acme-dental.example", "91 %", Status.CRITICAL)
        self.facts.set_facts([shown, Fact(2, "mx2.acme-dental.example", "42 %", share=0.42)])
        column.addWidget(self.band)
        column.addWidget(self.facts)

    def _right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        _head(column, _("A strip of days, a matrix, a heat grid, a year"), gap=0)
        self.strip = CellGrid(_("Last 30 days"), starts_at_end=True, is_whole=True)
        matrix = CellGrid(_("Blocklists"), cell=(40, tokens.ROW), has_mono_rows=True, is_whole=True)
        heat = CellGrid(_("Load by hour"), cell=(18, 22), is_whole=True)
        year = CellGrid(_("Last year"), cell=(2, 16), is_whole=True)
        for grid, data in ((self.strip, days()), (matrix, lists()), (heat, hours()), (year, days_of_a_year())):
            grid.set_data(data)
            panel = Panel(grid.accessibleName(), is_ruled=True)
            legend = Legend([(kind.swatch, kind.word) for kind in data.kinds], has_bars=grid is year)
            panel.body.addWidget(grid)
            panel.body.addLayout(_edged(legend))
            column.addWidget(panel)
        self.strip.choose(0, 28)
        matrix.choose(1, 3)
        _head(column, _("A plan, and a record to copy"))
        column.addWidget(plan_bar())
        narrow = QHBoxLayout()
        narrow.addWidget(plan_bar(420))
        narrow.addStretch(1)
        column.addLayout(narrow)
        column.addWidget(record_block())
        _head(column, _("Tiles, and things to see to"))
        column.addWidget(status_tiles())
        column.addWidget(figure_tiles())
        needs = Panel(_("Needs attention"), is_ruled=True)
        for row in need_rows():
            needs.body.addWidget(row)
        needs.body.setSpacing(0)
        column.addWidget(needs)
        column.addStretch(1)
        return column


def _edged(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(tokens.PANEL_PADDING, 0, tokens.PANEL_PADDING, 8)
    row.addWidget(widget)
    return row


def change_cards() -> ChangeCards:
    """A plan of now, and the one that was chosen."""
    now = Card(_("Now: {plan}").format(plan="CX-2"), words.money(12_400_000, "EUR"), "2 vCPU, 4 GB, 80 GB")
    return ChangeCards(now, Card(_("New: {plan}").format(plan="CX-4"), words.money(19_600_000, "EUR"), "4 vCPU, 8 GB"))


def stepper(width: int = 0) -> Stepper:
    """One step done, one to correct, one shown, two to come."""
    steps = Stepper(_("Steps"))
    steps.set_steps(
        (
            WizardStep(_("Server"), StepState.DONE),
            WizardStep(_("Mail domain"), StepState.DONE),
            WizardStep(_("DNS records"), StepState.CURRENT),
            WizardStep(_("Certificate")),
            WizardStep(_("Proof")),
        )
        if not width
        else (WizardStep(_("Server"), StepState.WRONG), WizardStep(_("Mail domain")), WizardStep(_("DNS records")))
    )
    if width:
        steps.setFixedWidth(max(width, steps.minimumSizeHint().width()))
    return steps


def plan_bar(width: int = 0) -> PlanBar:
    """Four counts, what stays, what it means."""
    bar = PlanBar(_("Review plan"), is_primary=not width)
    counts = (
        PlanCount(1, _("create")),
        PlanCount(2, _("change")),
        PlanCount(0, _("remove")),
    )
    note = _("No interruption of mail.") if width else ""
    bar.show_plan(counts, _("23 records stay untouched"), note=note)
    if width:
        bar.setFixedWidth(max(width, bar.minimumSizeHint().width()))
    return bar


def record_block() -> RecordBlock:
    """Three fields, the last one long."""
    block = RecordBlock(_("Record 4"))
    key = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 6
    block.set_fields(((_("Type"), "TXT"), (_("Name"), "s2611._domainkey"), (_("Value"), key)))
    return block


def status_tiles() -> TileRow:
    """Three of the six."""
    tiles = [StatusTile(status) for status in (Status.OK, Status.WARNING, Status.CRITICAL)]
    for tile, count, note in zip(
        tiles, (37, 2, 0), (_("seen 3 min ago"), _("above a threshold"), _("none")), strict=True
    ):
        tile.show_count(count, _("{n} servers").format(n=count), note)
        tile.open_as(_("Show them"))
    return TileRow(_("Servers by status"), tiles)


def figure_tiles() -> TileRow:
    """One worse, one better, one that is neither."""
    month, projected, unknown = (
        FigureTile(_("Month so far")),
        FigureTile(_("Projected")),
        FigureTile(_("Unknown prices")),
    )
    month.show_figure("326.40", _("22 of 30 days"), Delta("+7.20", Status.WARNING))
    projected.show_figure("431.00", _("419 to 444"), Delta("\N{MINUS SIGN}2.40", Status.OK))
    unknown.show_figure("2", _("kept out of the sums"), Delta(_("as before")))
    return TileRow(_("Costs"), [month, projected, unknown])


def need_rows() -> list[NeedRow]:
    """One that waits for a yes, one that cannot be opened, one with an amount."""
    since = NOW - timedelta(minutes=21)
    return [
        NeedRow(
            NeedText(
                Status.WAITING,
                _("Resize mx1.acme-dental.example to 4 vCPU, 8 GB"),
                _("+7.20 USD a month, 6 to 9 min down."),
                "Acme Dental",
                since,
                _("Review"),
            )
        ),
        NeedRow(NeedText(Status.CRITICAL, "mx5.cedar-legal.example", _("disk over 90 %"), "Cedar Legal", since)),
        NeedRow(
            NeedText(
                Status.UNKNOWN,
                _("Delete 3 volumes with no server"),
                _("Unattached for 41 days."),
                act=_("Compare"),
                amount="\N{MINUS SIGN}9.60",
            )
        ),
    ]


def bulk_bar(count: int, width: int = 0) -> BulkBar:
    """Two acts, one that cannot be done, and a dangerous one."""
    bar = BulkBar(
        (
            BulkAct("reboot", _("Reboot")),
            BulkAct("snapshot", _("Take a snapshot")),
            BulkAct("resize", _("Resize"), reason=_("not all at one provider")),
            BulkAct("destroy", _("Destroy"), is_dangerous=True),
        )
    )
    bar.show_count(count)
    if width:
        bar.setFixedWidth(max(width, bar.minimumSizeHint().width()))
    return bar


def _head(column: QVBoxLayout, title: str, gap: int = 12) -> None:
    column.addSpacing(gap)
    column.addWidget(Label(title, "strong", wraps=True))
    column.addWidget(rule())


def day_of_load() -> BandData:
    """A day until now, three hours of which nobody saw."""
    until = int(NOW.timestamp())
    times = tuple(at for at in range(until - 86_400, until, 300) if not 30_000 < until - at < 41_000)
    low = tuple(18 + 9 * ((at // 3_600) % 12) / 12 for at in times)
    return BandData(until - 86_400, until, times, low, tuple(value * 2.1 for value in low))
