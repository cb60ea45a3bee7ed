"""The sheets about a relay: a new one, where it hands mail on, and deleting it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from app.pages.mail.columns import next_hop_words
from app.pages.mail.fields import ClientField, refusal, whose_domain
from app.shell.window.asking_sheet import Ask, AskingSheet
from app.shell.window.whose import whose
from backend.core.domain_names import plain_domain
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.mail.lengths import check_length
from backend.mail.requests import LONGEST_COMMENT, AddRelay, RemoveRelay, SetRelay
from backend.mailu.next_hop import check_hop, plain_hop
from backend.mailu.settings import check_name
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.secrets.values import SecretRef
    from backend.mail.queries import DomainRow
    from backend.mail.relay_queries import RelayRow


class RelaySheet(AskingSheet):
    """A new relay on the mail server of a domain, or with a ``row`` that one."""

    def __init__(self, services: Services, domain: DomainRow, row: RelayRow | None, parent: QWidget) -> None:
        title = _("New relay on {name}") if row is None else _("Change {name}")
        named = title.format(name=domain.server if row is None else row.name)
        act, about = (_("Create relay"), whose_domain(domain)) if row is None else (_("Save"), whose([row.workspace]))
        super().__init__(services, SheetText(named, act, _("Cancel"), about), parent)
        self._server_id, self._row = domain.server_id, row
        self.name, self.hop, self.comment = QLineEdit(), QLineEdit(), QLineEdit()
        self.client = ClientField(services.view)
        self.form.add("name", _("Relayed domain"), self.name, check=self._wrong_name)
        note = _("host, host:port, [host]:port, mx:domain or lmtp:host:port. Empty: the MX of the domain.")
        self.form.add("hop", _("Handed on to"), self.hop, note=note, check=self._wrong_hop)
        if row is None:
            self.form.add("client", _("Client"), self.client)
            self.client.setCurrentIndex(max(0, self.client.findText(domain.workspace)))
        else:
            self.name.setText(row.name)
            self.name.setEnabled(False)
            self.hop.setText(row.next_hop)
            self.comment.setText(row.comment)
        self.form.add("comment", _("Comment"), self.comment, check=self._wrong_comment)
        self.set_effects(
            [
                EffectLine(_("Mail"), _("handed on"), _("It is taken for every address of the domain; none is kept.")),
                EffectLine(_("DNS"), _("yours to set"), _("An MX record of the domain has to name this server.")),
                EffectLine(_("Undo"), _("possible"), _("You can delete it or change it again.")),
            ]
        )
        (self.name if row is None else self.hop).setFocus()

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        name, hop, comment = self.form.text("name"), self.form.text("hop"), self.form.text("comment")
        if self._row is not None:
            return (Ask(SetRelay(self._server_id, name, hop, comment)),)
        return (Ask(AddRelay(self._server_id, name, hop, comment, self.client.client)),)

    def _wrong_name(self) -> str:
        name = plain_domain(self.form.text("name"))
        return refusal(lambda: check_name(name)) if name else _("Enter the domain.")

    def _wrong_hop(self) -> str:
        return refusal(lambda: check_hop(plain_hop(self.form.text("hop"))))

    def _wrong_comment(self) -> str:
        return refusal(lambda: check_length(self.form.text("comment"), LONGEST_COMMENT))


class RemoveRelaySheet(AskingSheet):
    """Mail for the domain is refused from then on."""

    def __init__(self, services: Services, row: RelayRow, parent: QWidget) -> None:
        title = _("Delete relay {domain}").format(domain=row.name)
        super().__init__(services, SheetText(title, _("Delete relay"), _("Keep it"), whose([row.workspace])), parent)
        self._row = row
        self.set_effects(
            [
                EffectLine(_("Removed"), _("1 relay"), _("It led to {where}").format(where=next_hop_words(row))),
                EffectLine(
                    _("New mail"), _("refused"), _("Take this server out of the MX record first."), Status.WARNING
                ),
                EffectLine(_("Undo"), _("possible"), _("You can create it again.")),
            ]
        )

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(RemoveRelay(self._row.server_id, self._row.name)),)
