"""The sheets about an app token: a new one, and deleting it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from app.pages.mail.columns import day_of
from app.pages.mail.fields import LinesField, first_refusal, refusal, whose_domain
from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.present.text import _
from backend.core.secrets.one_time import new_key
from backend.core.secrets.values import Secret, SecretRef
from backend.mail.lengths import check_length
from backend.mail.networks import check_network, plain_network
from backend.mail.requests import LONGEST_COMMENT, AddToken, RemoveToken
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.mail.queries import DomainRow, MailboxRow
    from backend.mail.token_queries import AppTokenRow


class NewTokenSheet(AskingSheet):
    """What it is for, and where it may be used. ``key`` opens what the engine seals: it lives as long as whoever shows
    the token.
    """

    def __init__(self, services: Services, domain: DomainRow, row: MailboxRow, parent: QWidget) -> None:
        title = _("New app token of {mailbox}").format(mailbox=row.address)
        text = SheetText(title, _("Create app token"), _("Cancel"), whose_domain(domain))
        super().__init__(services, text, parent)
        self.domain, self.row, self.key = domain, row, new_key()
        self.comment, self.networks = QLineEdit(), LinesField()
        note = _("The device or program it is for.")
        self.form.add("comment", _("Name"), self.comment, note=note, check=self._wrong_comment)
        about = _("One address or network a line, such as 203.0.113.0/24. Empty: from anywhere.")
        self.form.add("networks", _("May be used from"), self.networks, note=about, check=self._wrong_networks)
        self.set_effects(
            [
                EffectLine(_("Created"), _("1 app token"), _("It logs in like the password, which stays as it is.")),
                EffectLine(_("Shown"), _("once"), _("Afterwards, and here alone: Mailyard keeps it nowhere.")),
                EffectLine(_("Undo"), _("possible"), _("You can delete it at any time.")),
            ]
        )
        self.comment.setFocus()

    def secrets(self) -> Sequence[Secret]:
        return (self.key,)

    def asks(self, refs: Sequence[SecretRef]) -> Sequence[Ask]:
        (ref,) = refs
        comment, networks = self.form.text("comment"), self.networks.entries
        return (Ask(AddToken(self.row.server_id, self.row.address, ref.path, comment, networks), (ref,)),)

    def _wrong_comment(self) -> str:
        typed = self.form.text("comment")
        if not typed:
            return _("Enter a name.")
        return refusal(lambda: check_length(typed, LONGEST_COMMENT))

    def _wrong_networks(self) -> str:
        return first_refusal([plain_network(each) for each in self.networks.entries], check_network)


class RemoveTokenSheet(AskingSheet):
    """Whoever has it cannot log in any more."""

    def __init__(self, services: Services, domain: DomainRow, row: AppTokenRow, parent: QWidget) -> None:
        title = _("Delete an app token of {mailbox}").format(mailbox=row.address)
        text = SheetText(title, _("Delete app token"), _("Keep it"), whose_domain(domain))
        super().__init__(services, text, parent)
        self._row = row
        self.set_effects(
            [
                EffectLine(_("Removed"), row.comment or _("1 app token"), _("created {day}").format(day=day_of(row))),
                EffectLine(_("Logins"), _("refused"), _("Those with it; one that is open may stay so for a while.")),
                EffectLine(_("Undo"), _("not possible"), _("Its secret is not known. You can make another one.")),
            ]
        )

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        row = self._row
        return (Ask(RemoveToken(row.server_id, row.address, row.token_id, row.comment)),)
