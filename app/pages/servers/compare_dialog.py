"""Accounts and regions side by side: the cheapest plan that is large enough, and what a mail server meets there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.accounts.comparison import Alternative, Alternatives
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from backend.servers.provision.fitness import LEAST_MB, memory_fitness
from widgets.banner import Banner
from widgets.button import Button
from widgets.chips import Chips
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.label import Label
from widgets.overlay import Overlay
from widgets.record_columns import monthly_column
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.search_field import SearchField

if TYPE_CHECKING:
    from app.shell.session.services import Services

WIDTH, HEIGHT = 1040, 560
PRICE = 5  # the column that is sorted by at first
MEMORY_MB = (LEAST_MB, 2 * LEAST_MB, 4 * LEAST_MB)


class CompareDialog(Overlay):
    """Shown by ``open()``. ``picked`` carries the :class:`backend.accounts.comparison.Alternative` to order."""

    picked = Signal(object)

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(_("Compare providers"), parent, size=(WIDTH, HEIGHT))
        self._services = services
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        body = QVBoxLayout()
        body.setContentsMargins(24, 20, 24, 12)
        body.setSpacing(12)
        body.addWidget(DialogHead(_("Compare providers"), self))
        body.addLayout(self._choices())
        self.banner = Banner()
        body.addWidget(self.banner)
        self.table: RecordTable[Alternative] = RecordTable(
            _columns(), key_of, _("Providers and regions"), picks_one=True
        )
        self.table.sortByColumn(PRICE, Qt.SortOrder.AscendingOrder)
        self.table.chosen.connect(self._enable)
        self.search.textChanged.connect(self.table.set_filter)
        self.table.doubleClicked.connect(self._pick)
        body.addWidget(self.table, 1)
        outer.addLayout(body, 1)
        outer.addWidget(self._footer())
        self._read(str(MEMORY_MB[0]))

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.search = SearchField(_("Filter by location, provider or plan"))
        named = [(str(each), _("at least {size}").format(size=words.data_size(each))) for each in MEMORY_MB]
        self.memory = Chips(named)
        self.memory.chosen.connect(self._read)
        row.addWidget(self.search, 1)
        row.addWidget(self.memory)
        return row

    def _footer(self) -> DialogFooter:
        note = Label(_("The cheapest plan of each account in each region, as last read from it."), "small", wraps=True)
        self.keep, self.use = Button(_("Back")), Button(_("Use this plan"), "primary")
        self.keep.clicked.connect(self.reject)
        self.use.clicked.connect(self._pick)
        self.use.setEnabled(False)
        return DialogFooter(self.keep, self.use, note)

    def _read(self, memory_mb: str) -> None:
        self._services.reader.ask(self, "alternatives", Alternatives(int(memory_mb)), self._show, self._failed)

    def _show(self, found: Sequence[Alternative]) -> None:
        self.table.set_rows(found)
        if found:
            self.banner.clear()
        else:
            self.banner.say(
                Status.UNKNOWN,
                _("Nothing to compare yet."),
                _("Verify an account in Settings > Accounts to read its plans and regions."),
            )
        self._enable(self.table.current())

    def _enable(self, row: Alternative | None) -> None:
        self.use.setEnabled(row is not None)

    def _pick(self, _unused: object = None) -> None:
        row = self.table.current()
        if row is not None:
            self.picked.emit(row)
            self.accept()

    def _failed(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy)


def key_of(row: Alternative) -> tuple[object, ...]:
    return row.account_id, row.region


def _columns() -> tuple[Column[Alternative], ...]:
    return (
        Column(_("Provider"), text=lambda row: clouds()[row.provider].name),
        Column(_("Account"), text=lambda row: row.account),
        Column(_("Region"), text=lambda row: f"{row.region_name} ({row.region})", is_name=True),
        Column(_("Plan"), text=lambda row: row.plan.slug),
        Column(
            _("Memory GB"),
            text=lambda row: words.gigabytes(row.plan.memory_mb),
            sort=lambda row: row.plan.memory_mb,
            status=_unfit,
            tooltip=lambda row: memory_fitness(row.plan.memory_mb)[1],
            is_number=True,
        ),
        monthly_column(
            lambda row: row.plan.monthly_micro,
            lambda row: row.plan.currency,
            tooltip=lambda row: _(clouds()[row.provider].cells["price_covers"].note),
            answer=lambda row: None if clouds()[row.provider].cells["price_covers"].can == "yes" else "partly",
        ),
        _capability(_("Port 25"), "port_25"),
        _capability(_("Reverse DNS"), "reverse_dns"),
        _capability(_("Snapshots"), "snapshot"),
    )


def _unfit(row: Alternative) -> Status | None:
    """Memory that is enough needs no mark."""
    status = memory_fitness(row.plan.memory_mb)[0]
    return None if status is Status.OK else status


def _capability(title: str, key: str) -> Column[Alternative]:
    """What the matrix says of the provider, the reason as a tooltip."""
    said = {"yes": _("yes"), "partly": _("partly"), "no": _("no"), "unknown": _("unknown")}

    def of(get: Callable[[str], str]) -> Callable[[Alternative], str]:
        return lambda row: get(row.provider)

    return Column(
        title,
        text=of(lambda provider: said[clouds()[provider].cells[key].can]),
        answer=lambda row: clouds()[row.provider].cells[key].can,
        tooltip=of(lambda provider: _(clouds()[provider].cells[key].note)),
    )
