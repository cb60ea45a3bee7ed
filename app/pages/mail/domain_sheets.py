"""The sheets about a domain: a new one, other limits, alternative domains, and taking one away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit

from app.pages.mail.fields import ClientField, LinesField, first_refusal, refusal, whose_domain
from app.pages.mail.figures import count_mailboxes
from app.shell.route import Route
from app.shell.window.asking_sheet import Ask, AskingSheet
from app.shell.window.limit_fields import LimitFields, Limits
from app.shell.window.part import beside
from app.shell.window.said import Said
from app.shell.window.template_sheet import TemplateSheet
from backend.core.domain_names import plain_address, plain_domain
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.mail.addresses import check_address
from backend.mail.queries import MailServerRow, MailServers
from backend.mail.requests import AddDomain, RemoveDomain, SetDomain, SetManagers
from backend.mail.templates import LimitTemplates
from backend.mailu.settings import check_name
from widgets.button import Button
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.route import Go
    from app.shell.session.services import Services
    from app.shell.window.said import Say
    from backend.core.secrets.values import SecretRef
    from backend.mail.queries import DomainRow


class NewDomainSheet(AskingSheet):
    """On which server, for whom, and how much it may have. ``said`` carries what became of it."""

    said = Signal(object)

    def __init__(self, services: Services, parent: QWidget) -> None:
        text = SheetText(_("Add mail domain"), _("Add domain"), _("Cancel"), services.view.name)
        super().__init__(services, text, parent)
        self.name = QLineEdit()
        self.server, self.client = QComboBox(), ClientField(services.view)
        self.form.add("name", _("Domain"), self.name, check=self._wrong_name)
        self.form.add("server", _("Mail server"), self.server, check=self._wrong_server)
        self.form.add("client", _("Client"), self.client)
        self.limits = LimitFields(self.form)
        self.set_effects(
            [
                EffectLine(
                    _("Created"), _("1 domain"), _("without a mailbox; postmaster@ and abuse@ are yours to make")
                ),
                EffectLine(_("Mail"), _("not yet"), _("It arrives as soon as the MX record points to the server.")),
                EffectLine(_("Undo"), _("possible"), _("You can remove it again.")),
            ]
        )
        services.reader.ask(self, "servers", MailServers(services.view.whole_scope()), self._show, self.read_failed)
        services.reader.ask(self, "templates", LimitTemplates(), self.limits.offer, self.read_failed)
        self.taken.connect(self._tell_taken)
        self.name.setFocus()

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        server = UUID(self.form.text("server"))
        return (Ask(AddDomain(server, self.form.text("name"), self.client.client, *self.limits.values)),)

    def _show(self, rows: tuple[MailServerRow, ...]) -> None:
        usable = [row for row in rows if row.state in ("running", "stopped")]
        for row in usable:
            self.server.addItem(row.server, str(row.server_id))
        if not usable:
            remedy = _("Set one up first: Servers, Install the mail server.")
            self.banner.say(Status.WAITING, _("No mail server yet"), remedy)

    def _tell_taken(self, jobs: tuple[UUID, ...]) -> None:
        words_said = _("{act} requested: {name}").format(act=_("Add mail domain"), name=self.form.text("name"))
        self.said.emit(Said(words_said, Route("activity", item=jobs[0])))

    def _wrong_name(self) -> str:
        name = plain_domain(self.form.text("name"))
        return refusal(lambda: check_name(name)) if name else _("Enter the domain.")

    def _wrong_server(self) -> str:
        return "" if self.form.text("server") else _("Choose a mail server.")


class DomainSheet(AskingSheet):
    """About a domain that is there."""

    def __init__(
        self, services: Services, row: DomainRow, parent: QWidget, *, title: str, act: str, typed_name: str = ""
    ) -> None:
        keep = _("Keep it") if typed_name else _("Cancel")
        text = SheetText(title.format(domain=row.name), act, keep, whose_domain(row), typed_name)
        super().__init__(services, text, parent)
        self.row = row


class LimitsSheet(DomainSheet):
    """Other limits, typed or filled in by a template; what is typed can be kept as one."""

    def __init__(self, services: Services, row: DomainRow, parent: QWidget) -> None:
        super().__init__(services, row, parent, title=_("Limits of {domain}"), act=_("Save"))
        self.limits = LimitFields(self.form, limits_of(row), (row.mailboxes, row.aliases))
        self.keep_template = Button(_("Keep as template..."))
        self.keep_template.clicked.connect(self._keep_as_template)
        self.slot.addLayout(beside(self.keep_template))
        counted = ", ".join(counts_of(row))
        self.set_effects(
            [
                EffectLine(_("There now"), counted, _("A limit cannot be below that.")),
                EffectLine(_("Undo"), _("possible"), _("You can set the old limits again.")),
            ]
        )
        self.limits.mailboxes.setFocus()
        self._read_templates()

    def _read_templates(self, _jobs: object = None) -> None:
        self.services.reader.ask(self, "templates", LimitTemplates(), self.limits.offer, self.read_failed)

    def _keep_as_template(self) -> None:
        """With what is typed, sent or not."""
        if self.form.is_right():
            sheet = TemplateSheet(self.services, self, limits=self.limits.values)
            sheet.taken.connect(self._read_templates)
            sheet.open()

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        row = self.row
        return (Ask(SetDomain(row.server_id, row.name, *self.limits.values, alternatives=row.alternatives)),)


class AlternativesSheet(DomainSheet):
    """Other domains whose addresses mean the same mailboxes."""

    def __init__(self, services: Services, row: DomainRow, parent: QWidget) -> None:
        super().__init__(services, row, parent, title=_("Alternative domains of {domain}"), act=_("Save"))
        self.names = LinesField(row.alternatives)
        note = _("One domain a line. Each needs an MX record of its own.")
        self.form.add("names", _("Alternative domains"), self.names, note=note, check=self._wrong)
        self.set_effects(
            [
                EffectLine(_("Mail"), _("taken"), _("info@ there reaches info@{domain}.").format(domain=row.name)),
                EffectLine(_("Taken away"), _("refused"), _("Mail to a domain that you delete from the list.")),
                EffectLine(_("Undo"), _("possible"), _("You can set the old list again.")),
            ]
        )
        self.names.setFocus()

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        row = self.row
        return (Ask(SetDomain(row.server_id, row.name, *limits_of(row), alternatives=self.names.entries)),)

    def _wrong(self) -> str:
        plain = [plain_domain(each) for each in self.names.entries]
        if self.row.name in plain:
            return _("{domain} cannot be another name of itself.").format(domain=self.row.name)
        return first_refusal(plain, check_name)


class ManagersSheet(DomainSheet):
    """Who may manage the domain in Mailu's own pages, without Mailyard."""

    def __init__(self, services: Services, row: DomainRow, parent: QWidget) -> None:
        super().__init__(services, row, parent, title=_("Managers of {domain}"), act=_("Save"))
        self.managers = LinesField(row.managers)
        note = _("One mailbox of this mail server a line.")
        self.form.add("managers", _("Managers"), self.managers, note=note, check=self._wrong)
        self.set_effects(
            [
                EffectLine(_("They may"), _("in Mailu"), _("change mailboxes, aliases and passwords of this domain")),
                EffectLine(_("Undo"), _("possible"), _("You can set the old list again.")),
            ]
        )
        self.managers.setFocus()

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(SetManagers(self.row.server_id, self.row.name, self.managers.entries)),)

    def _wrong(self) -> str:
        return first_refusal([plain_address(each) for each in self.managers.entries], check_address)


class RemoveDomainSheet(DomainSheet):
    """With all that is in it; the name is typed."""

    def __init__(self, services: Services, row: DomainRow, parent: QWidget) -> None:
        title, act = _("Remove {domain}"), _("Remove permanently")
        super().__init__(services, row, parent, title=title, act=act, typed_name=row.name)
        boxes, aliases = counts_of(row)
        self.set_effects(
            [
                EffectLine(
                    _("Removed"), boxes, _("and {aliases}, with passwords and app tokens").format(aliases=aliases)
                ),
                EffectLine(_("Mail in it"), _("kept"), _("The folders and the DKIM key stay on the server.")),
                EffectLine(_("New mail"), _("refused"), _("Move the MX record first."), Status.CRITICAL),
                EffectLine(_("Undo"), _("in part"), _("Add it again: settings and passwords are lost.")),
            ]
        )

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(RemoveDomain(self.row.server_id, self.row.name, self.typed.text())),)


def limits_of(row: DomainRow) -> Limits:
    return row.max_mailboxes, row.max_aliases, row.max_quota_bytes


def counts_of(row: DomainRow) -> tuple[str, str]:
    """How many mailboxes and aliases it has."""
    return (
        count_mailboxes(row.mailboxes),
        ngettext("{n} alias", "{n} aliases", row.aliases).format(n=words.number(row.aliases)),
    )


def open_new_domain(services: Services, window: QWidget, _go: Go, say: Say) -> None:
    """The command *Add mail domain*."""
    sheet = NewDomainSheet(services, window)
    sheet.said.connect(say)
    sheet.open()
