"""The sheets before mailboxes are changed, suspended or deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit

from app.pages.mail.fields import LinesField, amount_error, first_refusal, whose_domain
from app.pages.mail.figures import count_mailboxes, gigabytes
from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.domain_names import plain_address
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.mail.addresses import check_address
from backend.mail.requests import LONGEST_NAME, LONGEST_SUBJECT, EndTokens, RemoveMailbox, SetMailbox
from widgets.amount_fields import QuotaField
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.secrets.values import SecretRef
    from backend.mail.queries import DomainRow, MailboxRow

BODY_HEIGHT = 130


class MailboxSheet(AskingSheet):
    """About some mailboxes of one domain; one request for each."""

    def __init__(
        self,
        services: Services,
        domain: DomainRow,
        rows: Sequence[MailboxRow],
        parent: QWidget,
        *,
        title: str,
        act: str,
        typed_name: str = "",
    ) -> None:
        named = title.format(mailbox=named_mailboxes(rows))
        keep = _("Keep it") if typed_name else _("Cancel")
        super().__init__(services, SheetText(named, act, keep, whose_domain(domain), typed_name), parent)
        self.domain, self.rows = domain, tuple(rows)

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return [Ask(self.request(row)) for row in self.rows]

    def request(self, row: MailboxRow) -> SetMailbox | RemoveMailbox | EndTokens:
        """What becomes of one of them."""
        raise NotImplementedError


class ChangeSheet(MailboxSheet):
    """Name and quota of one, the quota of several."""

    def __init__(self, services: Services, domain: DomainRow, rows: Sequence[MailboxRow], parent: QWidget) -> None:
        super().__init__(services, domain, rows, parent, title=_("Change {mailbox}"), act=_("Save"))
        quotas = {row.quota_bytes for row in rows}
        self.name, self.quota = QLineEdit(), QuotaField(quotas.pop() if len(quotas) == 1 else None)
        if len(rows) == 1:
            self.name.setText(rows[0].display_name)
            self.form.add("name", _("Name"), self.name, check=self._wrong_name)
        about = _("Empty: no limit.") if domain.max_quota_bytes is None else ""
        self.form.add("quota", _("Quota, GB"), self.quota, note=about, check=self._wrong_quota)
        used = max(row.used_bytes for row in rows)
        self.set_effects(
            [
                EffectLine(_("In use"), f"{gigabytes(used)} GB", _("A quota below that refuses new mail at once.")),
                EffectLine(_("Undo"), _("possible"), _("You can set the old values again.")),
            ]
        )
        (self.name if len(rows) == 1 else self.quota).setFocus()

    def request(self, row: MailboxRow) -> SetMailbox:
        amount = self.quota.amount
        name = self.name.text().strip() if len(self.rows) == 1 else None
        return SetMailbox(row.server_id, row.address, name, amount, no_quota=amount is None)

    def _wrong_name(self) -> str:
        return too_long(self.name.text(), LONGEST_NAME)

    def _wrong_quota(self) -> str:
        return amount_error(self.quota, self.domain)


class ForwardSheet(MailboxSheet):
    """Where its mail goes besides; nothing ends the forwarding."""

    def __init__(self, services: Services, domain: DomainRow, rows: Sequence[MailboxRow], parent: QWidget) -> None:
        super().__init__(services, domain, rows, parent, title=_("Forward mail of {mailbox}"), act=_("Save"))
        (row,) = rows
        self.to, self.keeps = LinesField(row.forwards_to), QCheckBox(_("Keep a copy in the mailbox"))
        self.keeps.setChecked(row.keeps_copy)
        self.form.add(
            "to", _("Forward to"), self.to, note=_("One address a line; empty ends the forwarding."), check=self._wrong
        )
        self.slot.addWidget(self.keeps)
        elsewhere = _("Receivers elsewhere see mail of others come from this server: much spam among it harms its IP.")
        self.set_effects(
            [
                EffectLine(_("Mail"), _("forwarded"), elsewhere),
                EffectLine(_("Undo"), _("possible"), _("You can end it at any time.")),
            ]
        )
        self.to.setFocus()

    def request(self, row: MailboxRow) -> SetMailbox:
        return SetMailbox(row.server_id, row.address, forwards_to=self.to.entries, keeps_copy=self.keeps.isChecked())

    def _wrong(self) -> str:
        plain = [plain_address(each) for each in self.to.entries]
        if self.rows[0].address in plain:
            return _("A mailbox cannot forward to itself.")
        return first_refusal(plain, check_address)


class ReplySheet(MailboxSheet):
    """What senders are told while nobody reads."""

    def __init__(self, services: Services, domain: DomainRow, rows: Sequence[MailboxRow], parent: QWidget) -> None:
        super().__init__(services, domain, rows, parent, title=_("Out of office: {mailbox}"), act=_("Save"))
        (row,) = rows
        self.is_on = QCheckBox(_("Answer by itself"))
        self.is_on.setChecked(row.replies)
        self.subject, self.text = QLineEdit(row.reply_subject), QPlainTextEdit(row.reply_body)
        self.text.setFixedHeight(BODY_HEIGHT)
        self.text.setTabChangesFocus(True)
        self.slot.insertWidget(1, self.is_on)
        self.form.add("subject", _("Subject"), self.subject, check=self._wrong_subject)
        self.form.add("text", _("Text"), self.text, check=self._wrong_text)
        self.set_effects(
            [
                EffectLine(_("Senders"), _("are answered"), _("Each of them once in a while; lists and bulk never.")),
                EffectLine(_("Undo"), _("possible"), _("You can end it at any time.")),
            ]
        )
        self.is_on.setFocus()

    def request(self, row: MailboxRow) -> SetMailbox:
        return SetMailbox(
            row.server_id,
            row.address,
            replies=self.is_on.isChecked(),
            reply_subject=self.subject.text().strip(),
            reply_body=self.text.toPlainText(),
        )

    def _wrong_subject(self) -> str:
        return too_long(self.subject.text(), LONGEST_SUBJECT)

    def _wrong_text(self) -> str:
        lacks = self.is_on.isChecked() and not self.text.toPlainText().strip()
        return _("Say something: an empty answer helps nobody.") if lacks else ""


class SuspendSheet(MailboxSheet):
    """No login and no mail for a while, or both again."""

    def __init__(
        self, services: Services, domain: DomainRow, rows: Sequence[MailboxRow], parent: QWidget, *, is_enabled: bool
    ) -> None:
        act = _("Enable again") if is_enabled else _("Suspend")
        title = _("Enable {mailbox} again") if is_enabled else _("Suspend {mailbox}")
        super().__init__(services, domain, rows, parent, title=title, act=act)
        self._is_enabled = is_enabled
        count = count_mailboxes(len(rows))
        if is_enabled:
            lines = [
                EffectLine(_("Enabled"), count, _("Logins and sending as before, with the same password.")),
                EffectLine(_("Undo"), _("possible"), _("You can suspend it again.")),
            ]
        else:
            lines = [
                EffectLine(_("Suspended"), count, _("No login by webmail, mail program or app token, and no sending.")),
                EffectLine(_("Mail in it"), _("kept"), _("What is there stays; quota, forwarding and aliases too.")),
                EffectLine(_("Undo"), _("possible"), _("You can enable it again; nothing is lost.")),
            ]
        self.set_effects(lines)

    def request(self, row: MailboxRow) -> SetMailbox:
        return SetMailbox(row.server_id, row.address, is_enabled=self._is_enabled)


class EndTokensSheet(MailboxSheet):
    """A device was lost: what it logs in with ends, the password stays."""

    def __init__(self, services: Services, domain: DomainRow, rows: Sequence[MailboxRow], parent: QWidget) -> None:
        title = _("Delete app tokens of {mailbox}")
        super().__init__(services, domain, rows, parent, title=title, act=_("Delete app tokens"))
        self.set_effects(
            [
                EffectLine(_("Removed"), _("all app tokens"), _("Each device that has one must be given a new one.")),
                EffectLine(_("Password"), _("kept"), _("Whoever knows it logs in as before.")),
                EffectLine(_("Undo"), _("not possible"), _("New app tokens are made in the webmail.")),
            ]
        )

    def request(self, row: MailboxRow) -> EndTokens:
        return EndTokens(row.server_id, row.address)


class DeleteSheet(MailboxSheet):
    """What happens to its mail is said; the address is typed."""

    def __init__(self, services: Services, domain: DomainRow, rows: Sequence[MailboxRow], parent: QWidget) -> None:
        (row,) = rows
        super().__init__(
            services,
            domain,
            rows,
            parent,
            title=_("Delete {mailbox}"),
            act=_("Delete permanently"),
            typed_name=row.address,
        )
        size = words.size(row.used_bytes)
        self.set_effects(
            [
                EffectLine(_("Removed"), _("1 mailbox"), _("with its password, forwarding and app tokens")),
                EffectLine(
                    _("Mail in it"),
                    _("kept"),
                    _(
                        "{size} stay in its folder on the server; a new mailbox of this address shows them again."
                    ).format(size=size),
                ),
                EffectLine(_("New mail"), _("refused"), _("unless an alias takes it"), Status.WARNING),
                EffectLine(_("Undo"), _("in part"), _("Create it again: its mail is there, its settings are not.")),
            ]
        )

    def request(self, row: MailboxRow) -> RemoveMailbox:
        return RemoveMailbox(row.server_id, row.address, self.typed.text())


def named_mailboxes(rows: Sequence[MailboxRow]) -> str:
    """The address of one, the count of several."""
    return rows[0].address if len(rows) == 1 else count_mailboxes(len(rows))


def too_long(text: str, most: int) -> str:
    """As the engine refuses it: Mailu has no room for more."""
    return _("Use at most {most} letters.").format(most=most) if len(text.strip()) > most else ""
