"""Sheets that give mailboxes a password: a new mailbox, and another password for those there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QLineEdit

from app.pages.mail.fields import amount_error, local_part_error, refusal, whose_domain
from app.pages.mail.figures import count_mailboxes
from app.pages.mail.hand_over import Login
from app.pages.mail.mailbox_sheets import named_mailboxes
from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef
from backend.mail.new_passwords import check_password, made_up_password
from backend.mail.requests import AddMailboxes, NewMailbox, ResetPassword
from widgets.amount_fields import QuotaField
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.mail.queries import DomainRow, MailboxRow


class PasswordSheet(AskingSheet):
    """What both have: a field that makes a password up where it is left empty. ``logins`` tells what was chosen."""

    def __init__(self, services: Services, domain: DomainRow, title: str, act: str, parent: QWidget) -> None:
        super().__init__(services, SheetText(title, act, _("Cancel"), whose_domain(domain)), parent)
        self.domain = domain
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.must_change = QCheckBox(_("The person chooses another one at the next login"))
        self.must_change.setChecked(True)
        self._logins: Sequence[Login] = ()
        self.slot.addWidget(self.must_change)

    @property
    def addresses(self) -> Sequence[str]:
        """Whose passwords these are."""
        raise NotImplementedError

    @property
    def logins(self) -> Sequence[Login]:
        """What is handed over, once; nothing of what the engine refused."""
        return list(compress(self._logins, self.were_taken))

    def secrets(self) -> Sequence[Secret]:
        typed = self.password.text()
        chosen = [Secret(typed) if typed else made_up_password() for _address in self.addresses]
        self._logins = [Login(address, secret) for address, secret in zip(self.addresses, chosen, strict=True)]
        return chosen

    def done(self, result: int) -> None:
        """The value leaves the field, whatever happens."""
        self.password.clear()
        super().done(result)

    def add_password(self, label: str) -> None:
        note = _("Left empty, one is made up. It is shown once, afterwards, and kept nowhere.")
        self.form.add("password", label, self.password, note=note, check=self._wrong_password)

    def _wrong_password(self) -> str:
        typed = self.password.text()
        return refusal(lambda: check_password(Secret(typed))) if typed else ""


class NewMailboxSheet(PasswordSheet):
    """One mailbox of a domain, as far as its limits allow."""

    def __init__(self, services: Services, domain: DomainRow, parent: QWidget) -> None:
        title = _("New mailbox of {domain}").format(domain=domain.name)
        super().__init__(services, domain, title, _("Create mailbox"), parent)
        self.local, self.name, self.quota = QLineEdit(), QLineEdit(), QuotaField(domain.max_quota_bytes)
        note = _("What stands before @{domain}.").format(domain=domain.name)
        self.form.add("local", _("Mailbox"), self.local, note=note, check=self._wrong_local)
        self.form.add("name", _("Name"), self.name, note=_("Of the person or the office; receivers see it."))
        about = _("Empty: no limit.") if domain.max_quota_bytes is None else ""
        self.form.add("quota", _("Quota, GB"), self.quota, note=about, check=self._wrong_quota)
        self.add_password(_("First password"))
        self.set_effects(self._said_before())
        if not _has_room(domain):
            self.act.setEnabled(False)
            self.form.setEnabled(False)
            self.banner.say(Status.CRITICAL, full_words(domain), _("Raise the limit of the domain, or remove some."))
        self.local.setFocus()

    @property
    def addresses(self) -> Sequence[str]:
        return (f"{self.form.text('local').lower()}@{self.domain.name}",)

    def asks(self, refs: Sequence[SecretRef]) -> Sequence[Ask]:
        (ref,) = refs
        new = NewMailbox(self.form.text("local"), ref.path, self.form.text("name"), self.quota.amount)
        must_change = self.must_change.isChecked()
        request = AddMailboxes(self.domain.server_id, self.domain.name, (new,), must_change)
        return (Ask(request, (ref,)),)

    def _said_before(self) -> Sequence[EffectLine]:
        domain = self.domain
        left = words.of_limit(domain.mailboxes, domain.max_mailboxes)
        return [
            EffectLine(_("Created"), _("1 mailbox"), _("on {server}").format(server=domain.server)),
            EffectLine(_("Before"), left, _("mailboxes of the domain")),
            EffectLine(_("Undo"), _("possible"), _("You can delete it again.")),
        ]

    def _wrong_local(self) -> str:
        return local_part_error(self.form.text("local"))

    def _wrong_quota(self) -> str:
        return amount_error(self.quota, self.domain)


class ResetPasswordSheet(PasswordSheet):
    """Another password for one mailbox, or one for each of several."""

    def __init__(self, services: Services, domain: DomainRow, rows: Sequence[MailboxRow], parent: QWidget) -> None:
        title = _("Reset password of {mailbox}").format(mailbox=named_mailboxes(rows))
        super().__init__(services, domain, title, _("Reset password"), parent)
        self._rows = tuple(rows)
        if len(rows) == 1:
            self.add_password(_("New password"))
        else:
            self.form.hide()
        self.ends_tokens = QCheckBox(_("Delete the app tokens too: every device has to log in again"))
        self.ends_tokens.setChecked(True)
        self.slot.addWidget(self.ends_tokens)
        self.set_effects(
            [
                EffectLine(_("Changed"), count_mailboxes(len(rows)), _("The old password is refused from then on.")),
                EffectLine(_("Sessions"), _("ended"), _("Those of the webmail; an open mail program may stay so.")),
                EffectLine(_("Undo"), _("not possible"), _("The old password is not known. You can reset it again.")),
            ]
        )

    @property
    def addresses(self) -> Sequence[str]:
        return [row.address for row in self._rows]

    def asks(self, refs: Sequence[SecretRef]) -> Sequence[Ask]:
        must_change, ends_tokens = self.must_change.isChecked(), self.ends_tokens.isChecked()
        return [
            Ask(ResetPassword(row.server_id, row.address, ref.path, must_change, ends_tokens), (ref,))
            for row, ref in zip(self._rows, refs, strict=True)
        ]


def full_words(domain: DomainRow) -> str:
    """As the engine refuses one mailbox more."""
    said = _("{domain} may have at most {most} mailboxes and has {has}.")
    return said.format(domain=domain.name, most=domain.max_mailboxes, has=domain.mailboxes)


def _has_room(domain: DomainRow) -> bool:
    return domain.max_mailboxes is None or domain.mailboxes < domain.max_mailboxes
