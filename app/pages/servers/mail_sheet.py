"""The sheet before a mail server is installed: its settings, and what will be done to the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from app.pages.servers.operations import where_of
from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.domain_names import plain_domain
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef
from backend.engine.queries import Estimate, JobEstimate
from backend.mail.host.fitness import LEAST_MEMORY_MB, LEAST_WITH_ANTIVIRUS_MB
from backend.mail.queries import MailServerRow, MailServers
from backend.mail.requests import InstallMail
from backend.mailu.settings import PORTS, VERSION, RelayTls, SmartHost, check_name
from backend.providers.capabilities import clouds
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.servers.queries import ServerRow

SMART_FIELDS = ("host", "port", "user", "password", "spf")
SMART_PORTS = (587, 465, 2525)
#: TLS from the first byte; the other ports begin in the clear.
TLS_PORT = 465


class InstallMailSheet(AskingSheet):
    """Mailu on a ready server. The password of a smart host is sealed before anything is asked."""

    def __init__(self, services: Services, row: ServerRow, parent: QWidget) -> None:
        title = _("Install the mail server on {name}").format(name=row.name)
        text = SheetText(title, _("Install"), _("Cancel"), where_of([row]), is_wide=True)
        super().__init__(services, text, parent)
        self._row = row
        self._estimate: Estimate | None = None
        self._add_fields()
        self._add_smart_host()
        self.antivirus = QCheckBox(_("Scan for viruses as well (ClamAV); needs 4 GB of memory"))
        self.antivirus.toggled.connect(self._explain)
        self.slot.addWidget(self.antivirus)
        self._explain()
        self.domain.setFocus()
        scope = services.view.whole_scope()
        services.reader.ask(self, "servers", MailServers(scope), self._show_servers, self._show_error)
        request = InstallMail(row.id, "example.org")
        query = JobEstimate(request, services.installation.kinds)
        services.reader.ask(self, "estimate", query, self._show_estimate, self._show_error)

    def secrets(self) -> Sequence[Secret]:
        return (Secret(self.password.text()),) if self._has_login() else ()

    def asks(self, refs: Sequence[SecretRef]) -> Sequence[Ask]:
        form, client = self.form, self.form.text("client")
        request = InstallMail(
            self._row.id,
            form.text("domain"),
            form.text("host_name"),
            UUID(client) if client else None,
            webmail=self.webmail.currentData(),
            has_antivirus=self.antivirus.isChecked(),
            smart_host=self._smart_host(refs[0].path if refs else ""),
        )
        return (Ask(request, tuple(refs)),)

    def done(self, result: int) -> None:
        """The value leaves the field, whatever happens."""
        self.password.clear()
        super().done(result)

    def _add_fields(self) -> None:
        self.domain, self.host_name = QLineEdit(), QLineEdit(self._row.name)
        self.client, self.webmail = QComboBox(), QComboBox()
        self.client.addItem(_("the agency itself"), "")
        for each in self.services.view.workspaces:
            if not each.is_agency:
                self.client.addItem(each.name, str(each.id))
        used_by = self._row.workspace_ids
        self.client.setCurrentIndex(max(0, self.client.findData(str(used_by[0]) if len(used_by) == 1 else "")))
        for key, word in (("roundcube", "Roundcube"), ("snappymail", "SnappyMail"), ("none", _("none"))):
            self.webmail.addItem(word, key)
        first = _("The administrator's mailbox is created in it. More domains can be added later.")
        self.form.add("domain", _("First mail domain"), self.domain, note=first, check=self._wrong_domain)
        self.form.add("client", _("Client"), self.client)
        name = _("What mail programs and other servers call it: its MX, HELO and certificate.")
        self.form.add("host_name", _("Host name"), self.host_name, note=name, check=self._wrong_host_name)
        self.form.add("webmail", _("Webmail"), self.webmail)

    def _add_smart_host(self) -> None:
        self.way, self.port = QComboBox(), QComboBox()
        self.host, self.user, self.password, self.spf = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        for way, word in (("direct", _("directly, by port 25")), ("smart_host", _("through a smart host"))):
            self.way.addItem(word, way)
        for port in SMART_PORTS:
            self.port.addItem(str(port), str(port))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        cell = clouds()[self._row.provider].cells["port_25"]
        self.form.add("way", _("Outgoing mail"), self.way, note=_port_words(cell.can, _(cell.note)))
        self.form.add("host", _("Smart host"), self.host, check=self._wrong_host)
        self.form.add("port", _("Port"), self.port, note=_("465 is encrypted from the start, the others by STARTTLS."))
        self.form.add("user", _("User"), self.user, note=_("Empty where it knows this server by its address."))
        self.form.add("password", _("Password"), self.password, check=self._wrong_password)
        spf = _("What the domains' SPF records must include, e.g. include:spf.example.net.")
        self.form.add("spf", _("SPF"), self.spf, note=spf)
        self.way.currentIndexChanged.connect(self._choose_way)
        self.way.setCurrentIndex(1 if cell.can == "no" else 0)
        self._choose_way()

    def _choose_way(self, _at: int = 0) -> None:
        is_asked = self.way.currentData() == "smart_host"
        for key in SMART_FIELDS:
            self.form.ask_for(key, is_asked=is_asked)
        self.fit()

    def _smart_host(self, password_ref: str) -> SmartHost | None:
        if self.way.currentData() != "smart_host":
            return None
        port, form = int(self.port.currentData()), self.form
        tls: RelayTls = "tls" if port == TLS_PORT else "starttls"
        host = plain_domain(form.text("host"))
        return SmartHost(host, port, form.text("user"), password_ref, tls, form.text("spf"))

    def _has_login(self) -> bool:
        return self.way.currentData() == "smart_host" and bool(self.form.text("user"))

    def _explain(self, _is_on: bool = False) -> None:
        least = LEAST_WITH_ANTIVIRUS_MB if self.antivirus.isChecked() else LEAST_MEMORY_MB
        lacks = self._row.memory_mb < least
        memory = _("{memory} MB, {least} MB needed").format(
            memory=words.number(self._row.memory_mb), least=words.number(least)
        )
        length = words.estimate(self._estimate.seconds) if self._estimate is not None else words.DASH
        ports = ", ".join(map(str, PORTS))
        self.set_effects(
            [
                EffectLine(_("Checked"), _("first"), _("memory, disk, clock, port 25 out; nothing is changed by it")),
                EffectLine(_("Memory"), memory, "", Status.CRITICAL if lacks else None),
                EffectLine(_("Secured"), _("the server"), _("packet filter, fail2ban, a lasting journal")),
                EffectLine(_("Installed"), f"Mailu {VERSION}", _("with Docker from its own repository")),
                EffectLine(_("Opened"), _("mail and web"), _("TCP {ports}").format(ports=ports)),
                EffectLine(_("Certificate"), _("self-signed"), _("at first: mail programs ask whether to trust it")),
                EffectLine(_("Takes"), length, _("No mail arrives before the domain's MX record points here.")),
                EffectLine(_("Undo"), _("in part"), _("A job that fails takes Mailu off again; Docker stays.")),
            ]
        )

    def _show_servers(self, rows: tuple[MailServerRow, ...]) -> None:
        if any(each.server_id == self._row.id and each.state in ("running", "stopped") for each in rows):
            self.act.setEnabled(False)
            said = _("{name} has a mail server already.").format(name=self._row.name)
            self.banner.say(Status.CRITICAL, said, _("Its domains stand on the Mail page."))

    def _show_estimate(self, estimate: Estimate) -> None:
        self._estimate = estimate
        self._explain()

    def _show_error(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy)

    def _wrong_domain(self) -> str:
        return _name_error(self.form.text("domain"))

    def _wrong_host_name(self) -> str:
        return _name_error(self.form.text("host_name"))

    def _wrong_host(self) -> str:
        return _name_error(self.form.text("host"))

    def _wrong_password(self) -> str:
        is_half = bool(self.form.text("user")) != bool(self.password.text())
        return _("A smart host needs both a user and a password, or neither.") if is_half else ""


def _port_words(can: str, note: str) -> str:
    """What the provider does to port 25, in front of how mail leaves."""
    said = {
        "no": _("Port 25 is closed at this provider: {note}"),
        "unknown": _("Whether port 25 is open at this provider is not known: {note}"),
    }
    return said.get(can, _("Port 25 at this provider: {note}")).format(note=note)


def _name_error(text: str) -> str:
    try:
        check_name(plain_domain(text))
    except MailyardError as error:
        return error.sentence()
    return ""
