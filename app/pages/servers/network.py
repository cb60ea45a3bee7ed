"""The Network tab of a server: its addresses, what is held for it, the firewall before it, the traffic it used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from app.pages.servers.acts import fits, lacking
from backend.core.present import format as words
from backend.core.present.text import _, ngettext
from backend.servers.held import Held, UsageRow
from backend.servers.queries import AddressRow, ServerRow
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.button import Button
from widgets.key_value import KeyValues
from widgets.record_model import Column
from widgets.record_table import RecordTable

if TYPE_CHECKING:
    from app.shell.services import Services


class NetworkPart(QWidget):
    """Part of the server's detail. ``act_asked`` carries a :class:`app.pages.servers.acts.ServerAct`."""

    act_asked = Signal(object)

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._row: ServerRow | None = None
        self._held = Held()
        self._addresses: tuple[AddressRow, ...] = ()
        self.table: RecordTable[AddressRow] = RecordTable(self._columns(), lambda row: row.ip, _("Addresses"))
        self.facts = KeyValues()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self._padded(self.facts))
        column.addWidget(self._foot())

    def show_server(self, row: ServerRow) -> None:
        """Of another server nothing is known before it is told."""
        if self._row is None or self._row.id != row.id:
            self._held, self._addresses = Held(), ()
        self._row = row
        self._show()

    def show_addresses(self, addresses: tuple[AddressRow, ...]) -> None:
        self._addresses = addresses
        self._show()

    def show_held(self, held: Held) -> None:
        self._held = held
        self._show()

    def _show(self) -> None:
        if self._row is None:
            return
        row, listed = self._row, {each.ip for each in self._addresses}
        apart = [each for each in self._held.reserved if each.ip not in listed]
        held = [AddressRow(each.ip, 4, "reserved", None, each.reserved_at, None) for each in apart]
        self.table.set_rows([*self._addresses, *held])
        self.facts.set_rows(
            [
                (_("Reserved"), self._reserved()),
                (_("Firewall"), self._firewall()),
                (_("Traffic this month"), _traffic(self._held.usage)),
            ]
        )
        for key, button in self.buttons.items():
            button.setEnabled(fits(row, key) and self._has_what_it_needs(key))
            button.setToolTip(lacking(row, key))
        self.ask.setEnabled(row.is_ours)

    def _has_what_it_needs(self, key: str) -> bool:
        needs = {"release_address": bool(self._held.reserved), "remove_firewall": self._held.firewall is not None}
        return needs.get(key, key != "reserve" or not self._held.reserved)

    def _columns(self) -> tuple[Column[AddressRow], ...]:
        return (
            Column(_("Address"), text=lambda row: row.ip, is_mono=True, width=120),
            Column(_("Kind"), text=self._kind, width=60),
            Column(_("Reverse name"), text=lambda row: row.ptr or _("not read yet"), width=100),
            Column(_("Since"), text=_since, sort=lambda row: row.since, width=90),
        )

    def _kind(self, row: AddressRow) -> str:
        return _("held") if row.ip in [each.ip for each in self._held.reserved] else _("own")

    def _reserved(self) -> str:
        if not self._held.reserved:
            return lacking(self._row, "reserve") or _("none: its address is lost when it is destroyed")
        costs = [f"{each.ip}, {words.money(each.monthly_micro, each.currency)}" for each in self._held.reserved]
        return _("{addresses} a month").format(addresses="; ".join(costs))

    def _firewall(self) -> str:
        if self._held.firewall is None:
            return lacking(self._row, "firewall") or _("none of Mailyard's")
        return "; ".join(_rule(rule["protocol"], rule["ports"], rule["sources"]) for rule in _joined(self._held))

    def _padded(self, widget: QWidget) -> QWidget:
        frame = QWidget()
        row = QHBoxLayout(frame)
        row.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 4)
        row.addWidget(widget)
        return frame

    def _foot(self) -> QWidget:
        foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 12)
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
        self.ask = Button(_("Ask for traffic"))
        self.ask.clicked.connect(self._ask)
        of_addresses = (self.buttons["reserve"], self.buttons["release_address"])
        of_firewall = (self.buttons["firewall"], self.buttons["remove_firewall"])
        for shown in (of_addresses, of_firewall, (self.ask,)):
            row = QHBoxLayout()
            for button in shown:
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        return foot

    def _begin(self, button: QAbstractButton) -> None:
        if self._row is None:
            return
        from app.pages.servers.network_sheets import network_act

        key = str(button.property("key"))
        if key == "release_address":
            self._release(self._row)
        else:
            self.act_asked.emit(network_act(self._services, self._row, key, self))

    def _release(self, row: ServerRow) -> None:
        """The one that is selected, where it is held; else the first."""
        from app.pages.servers.network_sheets import release_act

        selected = self.table.current()
        held = sorted(self._held.reserved, key=lambda each: selected is None or each.ip != selected.ip)
        if held:
            self.act_asked.emit(release_act(self._services, row, held[0], self))

    def _ask(self) -> None:
        if self._row is not None:
            self._services.submit.wish(AGENCY, "server.usage", {"server_id": str(self._row.id)})


def _since(row: AddressRow) -> str:
    if row.until is not None:
        return _("until {time}").format(time=words.clock(row.until))
    return words.age(row.since, datetime.now(UTC))


def _traffic(usage: UsageRow | None) -> str:
    """What the provider counted, of what is included, and how old that is."""
    if usage is None:
        return _("not asked yet")
    told = [
        (_("{volume} in"), usage.received_bytes),
        (_("{volume} out"), usage.sent_bytes),
        (_("{volume} counted"), usage.counted_bytes),
    ]
    parts = [text.format(volume=words.size(volume)) for text, volume in told if volume is not None]
    if usage.included_bytes is not None:
        parts.append(_("{volume} included").format(volume=words.size(usage.included_bytes)))
    if usage.cpu_percent is not None:
        parts.append(_("CPU {percent} % over a day").format(percent=words.number(usage.cpu_percent, 1)))
    age = words.age(usage.read_at, datetime.now(UTC))
    return _("{figures}; {source}, {age}").format(
        figures=", ".join(parts) or _("not told"), source=usage.source, age=age
    )


def _joined(held: Held) -> list[dict[str, object]]:
    """Rules of one protocol and the same sources as one: twelve ports of mail are one line."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for rule in held.firewall.allowed if held.firewall else ():
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
    return _("{what} from {where}").format(what=what, where=_("everywhere") if everywhere else named)
