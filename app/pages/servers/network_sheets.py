"""The sheets before an address is held or released, and before a firewall is set or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QLineEdit

from app.pages.servers.acts import ServerAct
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from backend.providers.network import ANYWHERE, MAIL_PORTS
from backend.servers.firewall import check_rules, rules_of
from backend.servers.held import Held, ReservedRow, ServerHoldings
from widgets.form import Form
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.services import Services
    from backend.servers.queries import ServerRow

SSH = 22


class ReserveSheet(Sheet):
    """Hold an address for the server, or give it one that is free; what is free is read when the sheet opens."""

    def __init__(self, services: Services, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("An address of {name} that outlives it").format(name=row.name)
        super().__init__(SheetText(title, _("Reserve"), _("Leave it as it is"), where), parent)
        self._services, self._row = services, row
        self.choice, self.form = QComboBox(), Form()
        self.form.add("address", _("Address"), self.choice)
        self.slot.addWidget(self.form)
        self.choice.addItem(_("Reserve one"), "")
        self.set_effects(
            [
                EffectLine(_("Held"), _("1 address"), _(clouds()[row.provider].cells["reserved_address"].note)),
                EffectLine(_("Cost"), _("maybe"), _("Providers charge for it, some only while no server has it.")),
                EffectLine(_("Undo"), _("yes"), _("Release it. Once it is gone it cannot be had again.")),
            ]
        )
        scope = services.view.whole_scope()
        services.reader.ask(self, "held", ServerHoldings(scope, row.id), self._show, self._failed)

    @property
    def job(self) -> str:
        """What was chosen to be done."""
        return "server.address.assign" if self.form.text("address") else "server.address.reserve"

    def wish(self) -> dict[str, object]:
        """What was chosen, as the job wants it."""
        number = self.form.text("address")
        return {"server_id": str(self._row.id), **({"address_id": number} if number else {})}

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def _show(self, held: Held) -> None:
        for each in held.free:
            self.choice.addItem(f"{each.ip}, {words.money(each.monthly_micro, each.currency)}", each.id)

    def _failed(self, error: MailyardError) -> None:
        self.form.show_error("address", error.sentence())


def release_act(services: Services, row: ServerRow, address: ReservedRow, parent: QWidget) -> ServerAct:
    """What cannot be taken back: the address must be typed."""
    title = _("Release {ip} of {name}").format(ip=address.ip, name=row.name)
    text = SheetText(title, _("Release for good"), _("Keep it"), _where(services), address.ip)
    sheet = Sheet(text, parent)
    sheet.set_effects(
        [
            EffectLine(_("Lost"), _("1 address"), _("At the latest with its server, and with it its reputation.")),
            EffectLine(_("Mail"), _("may fail"), _("until DNS names the address that the server has then")),
            EffectLine(_("Undo"), _("none"), _("The provider gives it to somebody else.")),
        ]
    )
    about: dict[str, object] = {"server_id": str(row.id), "address_id": address.id, "typed_name": address.ip}
    return ServerAct(sheet, "server.address.release", lambda: about)


class FirewallSheet(Sheet):
    """What mail needs, and from where SSH is let in."""

    def __init__(self, services: Services, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("A firewall before {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Set the firewall"), _("Leave it as it is"), where), parent)
        self._services, self._row = services, row
        self.networks, self.form = QLineEdit(), Form()
        note = _("Networks in CIDR notation with commas between; empty means from everywhere.")
        self.form.add("ssh", _("SSH from"), self.networks, note=note, check=self._wrong_networks)
        self.slot.addWidget(self.form)
        self.networks.textChanged.connect(self._enable)
        ports = ", ".join(str(port) for port in MAIL_PORTS if port != SSH)
        self.set_effects(
            [
                EffectLine(_("Let in"), _("SSH, mail, web"), _("TCP 22 and {ports}, and ICMP").format(ports=ports)),
                EffectLine(_("Refused"), _("all else"), _("before it reaches the server")),
                EffectLine(_("Proof"), _("SSH"), _("If the server does not answer behind it, it steps aside again.")),
                EffectLine(_("Undo"), _("yes"), _("Remove it.")),
            ]
        )

    def wish(self) -> dict[str, object]:
        """What was chosen, as the job wants it."""
        mail = [
            {"protocol": "tcp", "ports": str(port), "sources": list(ANYWHERE)} for port in MAIL_PORTS if port != SSH
        ]
        ssh = {"protocol": "tcp", "ports": str(SSH), "sources": self._networks() or list(ANYWHERE)}
        icmp = {"protocol": "icmp", "ports": "", "sources": list(ANYWHERE)}
        return {"server_id": str(self._row.id), "allowed": [ssh, *mail, icmp]}

    def _networks(self) -> list[str]:
        return [each.strip() for each in self.form.text("ssh").split(",") if each.strip()]

    def _enable(self, _text: str) -> None:
        self.act.setEnabled(not self._wrong_networks())

    def _wrong_networks(self) -> str:
        """Said here, while the sheet is open."""
        try:
            check_rules(rules_of(self.wish()))
        except MailyardError as error:
            return error.sentence()
        return ""


def network_act(services: Services, row: ServerRow, key: str, parent: QWidget) -> ServerAct:
    """Hold an address, set the firewall, or remove it."""
    where = _where(services)
    if key == "reserve":
        chosen = ReserveSheet(services, row, where, parent)
        return ServerAct(chosen, lambda: chosen.job, chosen.wish)
    if key == "firewall":
        firewall = FirewallSheet(services, row, where, parent)
        return ServerAct(firewall, "server.firewall", firewall.wish)
    about: dict[str, object] = {"server_id": str(row.id)}
    return ServerAct(_open_sheet(row, where, parent), "server.firewall.remove", lambda: about)


def _open_sheet(row: ServerRow, where: str, parent: QWidget) -> Sheet:
    """Before a firewall is removed."""
    title = _("Remove the firewall before {name}").format(name=row.name)
    sheet = Sheet(SheetText(title, _("Remove firewall"), _("Keep it"), where), parent)
    sheet.set_effects(
        [
            EffectLine(_("Removed"), _("1 firewall"), _("at the provider; the server itself is not touched")),
            EffectLine(_("Open"), _("all ports"), _("What listens on the server can be reached by everybody.")),
            EffectLine(_("Undo"), _("yes"), _("Set it again.")),
        ]
    )
    return sheet


def _where(services: Services) -> str:
    return services.view.name or _("All workspaces")
