"""Settings > Providers: what each cloud can and cannot do, with reason, source and date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.shell.window.part import PagePart
from backend.core.present.text import N_, _
from backend.providers.capabilities import ROWS, Capability, clouds
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.panel import Panel
from widgets.record_model import Column
from widgets.record_table import RecordTable

if TYPE_CHECKING:
    from app.shell.window.page import Page

TITLES = {
    "first_contact": N_("First login without a password"),
    "login_keys": N_("SSH keys in the account"),
    "power": N_("Power"),
    "hard_off": N_("Force power off"),
    "clean_shutdown": N_("Graceful shutdown"),
    "address_kept": N_("Address is kept when stopped"),
    "resize": N_("Larger plan"),
    "resize_while_on": N_("Larger plan while running"),
    "resize_back": N_("Smaller plan"),
    "resize_in_stages": N_("Larger plan after paying an invoice"),
    "disk_choice": N_("Larger plan without growing the disk"),
    "snapshot": N_("Snapshot"),
    "restore": N_("Restore a snapshot"),
    "reverse_dns": N_("Reverse DNS"),
    "reverse_told": N_("Reverse DNS can be read back"),
    "reserved_address": N_("Reserved addresses"),
    "firewall": N_("Firewall"),
    "provider_metrics": N_("Provider metrics"),
    "traffic": N_("Traffic used"),
    "charges": N_("Billing"),
    "invoices": N_("Invoices"),
    "live_prices": N_("Live prices"),
    "price_covers": N_("Price covers"),
    "token_scopes": N_("Tokens with scopes"),
    "port_25": N_("Outbound port 25"),
    "least_memory": N_("Memory required by the mail server"),
}
#: What pins a document says nothing to who reads where a claim is from.
COMMIT = re.compile(r",? commit [0-9a-f]{7,}")
CAN = {"yes": N_("yes"), "partly": N_("partly"), "no": N_("no"), "unknown": N_("unknown")}


@dataclass(frozen=True)
class MatrixRow:
    """One line of the matrix: a capability across all providers."""

    key: str
    title: str
    place: int


class ProvidersPart(PagePart):
    """The matrix, and below it the chosen line in words."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        panel = Panel(_("Provider features"))
        self.table: RecordTable[MatrixRow] = RecordTable(_columns(), lambda row: row.key, _("Capabilities"))
        self.table.chosen.connect(self._explain)
        panel.body.addWidget(self.table, 3)
        self.title = Label("", "strong")
        self.reasons = KeyValues()
        below = QWidget()
        rows = QVBoxLayout(below)
        rows.setContentsMargins(14, 10, 14, 12)
        rows.addWidget(self.title)
        rows.addWidget(self.reasons)
        panel.body.addWidget(below)
        column.addWidget(panel)

    def refresh(self) -> None:
        """The matrix comes with the program: nothing is asked."""
        if not self.table.records.rows:
            self.table.set_rows([MatrixRow(key, _(TITLES[key]), place) for place, key in enumerate(ROWS)])
            self.table.selectRow(0)

    def _explain(self, row: MatrixRow | None) -> None:
        if row is None:
            return
        self.title.setText(row.title)
        self.reasons.set_rows([(cloud.name, _reason(cloud.cells[row.key])) for cloud in clouds().values()])


def _reason(cell: Capability) -> str:
    return _("{can}: {note} ({source}, {date})").format(
        can=_(CAN[cell.can]), note=_(cell.note), source=COMMIT.sub("", cell.source), date=cell.as_of.isoformat()
    )


def _columns() -> tuple[Column[MatrixRow], ...]:
    first = Column[MatrixRow](_("Capability"), text=lambda row: row.title, sort=lambda row: row.place)
    return (first, *(_column(kind, cloud.name) for kind, cloud in clouds().items()))


def _column(kind: str, name: str) -> Column[MatrixRow]:
    def cell(row: MatrixRow) -> Capability:
        return clouds()[kind].cells[row.key]

    return Column(
        name,
        text=lambda row: _(CAN[cell(row).can]),
        answer=lambda row: cell(row).can,
        tooltip=lambda row: _(cell(row).note),
    )
