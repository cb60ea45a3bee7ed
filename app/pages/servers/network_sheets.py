"""The sheets before an address is held or released, and before a firewall is set or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QLineEdit

from app.pages.servers.operations import ServerOperation, where_of
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from backend.providers.network import ANYWHERE, MAIL_PORTS, Allowed
from backend.servers.network.firewall import check_rules
from backend.servers.network.queries import AttachedResourceRows, AttachedResources, ReservedRow
from backend.servers.requests import AssignAddress, ReleaseAddress, RemoveFirewall, ReserveAddress, SetFirewall
from widgets.form import Form
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.servers.queries import ServerRow

SSH = 22


class ReserveSheet(Sheet):
    """Hold an address for the server, or give it one that is free; what is free is read when the sheet opens."""

    def __init__(self, services: Services, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("Reserve an address for {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Reserve"), _("Cancel"), where), parent)
        self._services, self._row = services, row
        self.choice, self.form = QComboBox(), Form()
        self.form.add("address", _("Address"), self.choice)
        self.slot.addWidget(self.form)
        self.choice.addItem(_("Reserve one"), "")
        self.set_effects(
            [
                EffectLine(_("Reserved"), _("1 address"), _(clouds()[row.provider].cells["reserved_address"].note)),
                EffectLine(
                    _("Cost"), _("possibly"), _("Providers bill it, some only while it is not assigned to a server.")
                ),
                EffectLine(_("Undo"), _("possible"), _("You can release it. A released address cannot be recovered.")),
            ]
        )
        scope = services.view.whole_scope()
        services.reader.ask(self, "resources", AttachedResources(scope, row.id), self._show, self._failed)

    def request(self) -> AssignAddress | ReserveAddress:
        """What was chosen to be done."""
        number = self.form.text("address")
        return AssignAddress(self._row.id, number) if number else ReserveAddress(self._row.id)

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def _show(self, resources: AttachedResourceRows) -> None:
        for each in resources.free:
            self.choice.addItem(f"{each.ip}, {words.money(each.monthly_micro, each.currency)}", each.id)

    def _failed(self, error: MailyardError) -> None:
        self.form.show_error("address", error.sentence())


def release_operation(row: ServerRow, address: ReservedRow, parent: QWidget) -> ServerOperation:
    """What cannot be taken back: the address must be typed."""
    title = _("Release {ip} of {name}").format(ip=address.ip, name=row.name)
    text = SheetText(title, _("Release permanently"), _("Keep it"), where_of([row]), address.ip)
    sheet = Sheet(text, parent)
    sheet.set_effects(
        [
            EffectLine(
                _("Lost"),
                _("1 address"),
                _("The address, and its sender reputation, are lost with the server at the latest."),
            ),
            EffectLine(_("Mail"), _("may fail"), _("until DNS points to the server's new address")),
            EffectLine(_("Undo"), _("not possible"), _("The provider may assign it to another customer.")),
        ]
    )
    return ServerOperation(sheet, lambda: ReleaseAddress(row.id, address.id, address.ip))


class FirewallSheet(Sheet):
    """What mail needs, and from where SSH is let in."""

    def __init__(self, services: Services, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("Firewall for {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Set the firewall"), _("Cancel"), where), parent)
        self._services, self._row = services, row
        self.networks, self.form = QLineEdit(), Form()
        note = _("Networks in CIDR notation, separated by commas. Empty means from anywhere.")
        self.form.add("ssh", _("SSH from"), self.networks, note=note, check=self._wrong_networks)
        self.form.guard(self.act)
        self.slot.addWidget(self.form)
        ports = ", ".join(str(port) for port in MAIL_PORTS if port != SSH)
        self.set_effects(
            [
                EffectLine(
                    _("Allowed traffic"), _("SSH, mail, web"), _("TCP 22 and {ports}, and ICMP").format(ports=ports)
                ),
                EffectLine(_("Refused"), _("everything else"), _("before it reaches the server")),
                EffectLine(
                    _("Verification"),
                    _("SSH"),
                    _("If the server does not respond behind it, the firewall is detached again."),
                ),
                EffectLine(_("Undo"), _("possible"), _("Remove it.")),
            ]
        )

    def request(self) -> SetFirewall:
        """What was chosen."""
        mail = (Allowed("tcp", str(port)) for port in MAIL_PORTS if port != SSH)
        ssh = Allowed("tcp", str(SSH), self._networks() or ANYWHERE)
        return SetFirewall(self._row.id, (ssh, *mail, Allowed("icmp", "")))

    def _networks(self) -> tuple[str, ...]:
        return tuple(each.strip() for each in self.form.text("ssh").split(",") if each.strip())

    def _wrong_networks(self) -> str:
        """Said here, while the sheet is open."""
        try:
            check_rules(self.request().rules)
        except MailyardError as error:
            return error.sentence()
        return ""


def network_operation(services: Services, row: ServerRow, key: str, parent: QWidget) -> ServerOperation:
    """Hold an address, set the firewall, or remove it."""
    where = where_of([row])
    if key == "reserve":
        chosen = ReserveSheet(services, row, where, parent)
        return ServerOperation(chosen, chosen.request)
    if key == "firewall":
        firewall = FirewallSheet(services, row, where, parent)
        return ServerOperation(firewall, firewall.request)
    return ServerOperation(_open_sheet(row, where, parent), lambda: RemoveFirewall(row.id))


def _open_sheet(row: ServerRow, where: str, parent: QWidget) -> Sheet:
    """Before a firewall is removed."""
    title = _("Remove the firewall of {name}").format(name=row.name)
    sheet = Sheet(SheetText(title, _("Remove firewall"), _("Keep it"), where), parent)
    sheet.set_effects(
        [
            EffectLine(_("Removed"), _("1 firewall"), _("at the provider; the server itself is not changed")),
            EffectLine(
                _("Reachable"), _("all ports"), _("All services listening on the server are reachable from anywhere.")
            ),
            EffectLine(_("Undo"), _("possible"), _("Set it again.")),
        ]
    )
    return sheet
