"""The Network tab of a server: its addresses, what is held for it, its firewall, the traffic it used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from app.pages.servers.operations import lacking, unfit
from app.pages.servers.traffic import TrafficPart
from backend.core.present import format as words
from backend.core.present import times
from backend.core.present.text import _, ngettext
from backend.servers.network.queries import AttachedResourceRows
from backend.servers.queries import AddressRow, ServerRow
from backend.servers.requests import ReadUsage
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.button import Button
from widgets.flow import Flow
from widgets.key_value import KeyValues
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.scrolled import scrolled
from widgets.tip import set_tip

if TYPE_CHECKING:
    from app.shell.session.services import Services

KIND = 1
MOST_ROWS = 8  # of addresses at once; more are scrolled to


class NetworkPart(QWidget):
    """Part of the server's detail. ``operation_requested`` carries a
    :class:`app.pages.servers.operations.ServerOperation`."""

    operation_requested = Signal(object)

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._row: ServerRow | None = None
        self._resources = AttachedResourceRows()
        self._addresses: tuple[AddressRow, ...] = ()
        self.table: RecordTable[AddressRow] = RecordTable(self._columns(), lambda row: row.ip, _("Addresses"))
        self.facts, self.traffic = KeyValues(), TrafficPart()
        whole = QWidget()
        inner = QVBoxLayout(whole)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.table)
        inner.addWidget(self._padded(self.facts))
        inner.addWidget(self._padded(self.traffic))
        inner.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scrolled(whole, _("Network")), 1)
        column.addWidget(self._foot())

    def show_server(self, row: ServerRow) -> None:
        """Of another server nothing is known before it is told."""
        if self._row is None or self._row.id != row.id:
            self._resources, self._addresses = AttachedResourceRows(), ()
        self._row = row
        self._show()

    def show_addresses(self, addresses: tuple[AddressRow, ...]) -> None:
        self._addresses = addresses
        self._show()

    def show_resources(self, resources: AttachedResourceRows) -> None:
        self._resources = resources
        self._show()

    def _show(self) -> None:
        if self._row is None:
            return
        row, listed = self._row, {each.ip for each in self._addresses}
        apart = [each for each in self._resources.reserved if each.ip not in listed]
        resources = [AddressRow(each.ip, 4, "reserved", None, each.reserved_at, None) for each in apart]
        rows = [*self._addresses, *resources]
        self.table.set_rows(rows)
        self.table.setColumnHidden(KIND, not self._resources.reserved)  # else all are its own
        self.table.setFixedHeight(tokens.TABLE_HEADER + 1 + tokens.ROW * max(1, min(MOST_ROWS, len(rows))))
        self.facts.set_rows(
            [
                (_("Reserved"), self._reserved()),
                (_("Firewall"), self._firewall()),
            ]
        )
        self.traffic.show_usage(self._resources.usage)
        for key, button in self.buttons.items():
            _allow(button, unfit(row, key) or self._lacks(key))
        _allow(self.ask, "" if row.is_ours else _("not managed by Mailyard"))

    def _lacks(self, key: str) -> str:
        """What there must be for an act, or not be; empty where all is well."""
        reserved, firewall = bool(self._resources.reserved), self._resources.firewall is not None
        lacking = {
            "reserve": _("an address is already reserved") if reserved else "",
            "release_address": "" if reserved else _("no address is reserved"),
            "remove_firewall": "" if firewall else _("no firewall from Mailyard"),
        }
        return lacking.get(key, "")

    def _columns(self) -> tuple[Column[AddressRow], ...]:
        return (
            Column(_("Address"), text=lambda row: row.ip, is_mono=True),
            Column(_("Kind"), text=self._kind),
            Column(_("PTR"), text=lambda row: row.ptr or _("not read yet")),
            Column(
                _("Since"),
                text=_since,
                sort=lambda row: row.since,
                tooltip=lambda row: words.exact(row.until or row.since),
            ),
        )

    def _kind(self, row: AddressRow) -> str:
        return _("reserved") if row.ip in [each.ip for each in self._resources.reserved] else _("own")

    def _reserved(self) -> str:
        if not self._resources.reserved:
            return lacking(self._row, "reserve") or _("none: the address is lost when the server is destroyed")
        costs = [f"{each.ip}, {words.money(each.monthly_micro, each.currency)}" for each in self._resources.reserved]
        return _("{addresses} a month").format(addresses="; ".join(costs))

    def _firewall(self) -> str:
        if self._resources.firewall is None:
            return lacking(self._row, "firewall") or _("none from Mailyard")
        return "; ".join(_rule(rule["protocol"], rule["ports"], rule["sources"]) for rule in _joined(self._resources))

    def _padded(self, widget: QWidget) -> QWidget:
        frame = QWidget()
        row = QHBoxLayout(frame)
        row.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 4)
        row.addWidget(widget)
        return frame

    def _foot(self) -> QWidget:
        foot = QWidget()
        self.buttons = {
            "reserve": Button(_("Reserve...")),
            "release_address": Button(_("Release...")),
            "firewall": Button(_("Firewall...")),
            "remove_firewall": Button(_("Remove firewall...")),
        }
        self._group = QButtonGroup(self)
        for key, button in self.buttons.items():
            button.setProperty("key", key)
            self._group.addButton(button)
        self._group.setExclusive(False)
        self._group.buttonClicked.connect(self._begin)
        self.ask = Button(_("Refresh traffic"))
        self.ask.clicked.connect(self._ask)
        row = Flow(*self.buttons.values(), self.ask)
        row.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 12)
        foot.setLayout(row)
        return foot

    def _begin(self, button: QAbstractButton) -> None:
        if self._row is None:
            return
        from app.pages.servers.network_sheets import network_operation

        key = str(button.property("key"))
        if key == "release_address":
            self._release(self._row)
        else:
            self.operation_requested.emit(network_operation(self._services, self._row, key, self))

    def _release(self, row: ServerRow) -> None:
        """The one that is selected, where it is held; else the first."""
        from app.pages.servers.network_sheets import release_operation

        selected = self.table.current()
        resources = sorted(self._resources.reserved, key=lambda each: selected is None or each.ip != selected.ip)
        if resources:
            self.operation_requested.emit(release_operation(row, resources[0], self))

    def _ask(self) -> None:
        if self._row is not None:
            self._services.submit.request(AGENCY, ReadUsage(self._row.id))


def _allow(button: Button, reason: str) -> None:
    """What cannot be done says why."""
    button.setEnabled(not reason)
    set_tip(button, reason)


def _since(row: AddressRow) -> str:
    if row.until is not None:
        return _("until {time}").format(time=times.moment(row.until, datetime.now(UTC)))
    return words.age(row.since, datetime.now(UTC))


def _joined(resources: AttachedResourceRows) -> list[dict[str, object]]:
    """Rules of one protocol and the same sources as one: twelve ports of mail are one line."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for rule in resources.firewall.allowed if resources.firewall else ():
        found.setdefault((str(rule["protocol"]), tuple(rule["sources"])), []).append(str(rule["ports"]))
    return [
        {"protocol": protocol, "ports": ", ".join(ports), "sources": sources}
        for (protocol, sources), ports in found.items()
    ]


def _rule(protocol: object, ports: object, sources: object) -> str:
    """'TCP 22, 25 from everywhere'."""
    networks = list(sources) if isinstance(sources, (list, tuple)) else []
    everywhere = any(str(each).endswith("/0") for each in networks)
    named = ngettext("{n} network", "{n} networks", len(networks)).format(n=len(networks))
    what = f"{str(protocol).upper()} {ports}".strip()
    return _("{what} from {where}").format(what=what, where=_("anywhere") if everywhere else named)
