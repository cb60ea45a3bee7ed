"""The sheets before a mail server is changed: other settings, stop and start, other secrets of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.errors import MailyardError
from backend.core.present.status import Status
from backend.core.present.text import N_, _
from backend.mail.change.requests import ALL, ChangeMail, PowerAct, PowerMail, RenewPassword, RenewToken
from backend.mail.settings_queries import MailServerSettings, MailSettingsRow
from backend.mailu.settings import MailSettings, check_settings
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.secrets.values import SecretRef
    from backend.mail.queries import MailServerRow

WEBMAIL = (("roundcube", "Roundcube"), ("snappymail", "SnappyMail"), ("none", N_("none")))
NUMBERS = re.compile(r"[0-9]{1,5}")


class ChangeMailSheet(AskingSheet):
    """The settings as they were last known. Only what was changed here is asked for: the rest stays as the server has
    it, which its job reads and shows before it writes.
    """

    def __init__(self, services: Services, row: MailServerRow, parent: QWidget) -> None:
        title = _("Change the settings of {name}").format(name=row.server)
        text = SheetText(title, _("Preview"), _("Cancel"), row.server, is_wide=True)
        super().__init__(services, text, parent)
        self._row = row
        self._settings: MailSettings | None = None
        self._add_fields()
        self.set_effects(
            [
                EffectLine(_("Compared"), _("first"), _("with the files on the server, as they are now")),
                EffectLine(
                    _("Shown"), _("each line"), _("and which containers start anew; the job waits for your yes")
                ),
                EffectLine(_("Changed by hand"), _("is kept"), _("and shown, unless you set it back")),
                EffectLine(_("Mail"), _("waits"), _("while containers start, usually less than two minutes")),
                EffectLine(_("Undo"), _("possible"), _("A job that fails writes back what was there.")),
            ]
        )
        self.act.setEnabled(False)
        query = MailServerSettings(services.view.whole_scope(), row.server_id)
        services.reader.ask(self, "settings", query, self._show, self._failed)

    def request(self) -> ChangeMail:
        """What was changed; the rest None."""
        chosen = self._chosen()
        return chosen.beyond(self._settings) if self._settings is not None else chosen

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(self.request()),)

    def _add_fields(self) -> None:
        self.message, self.rate, self.ports = QLineEdit(), QLineEdit(), QLineEdit()
        self.webmail = QComboBox()
        for key, word in WEBMAIL:
            self.webmail.addItem(_(word), key)
        self.antivirus = QCheckBox(_("Scan for viruses as well (ClamAV); needs 4 GB of memory"))
        self.macros = QCheckBox(_("Refuse attachments with dangerous macros"))
        self.back = QCheckBox(_("Set back what was changed by hand"))
        rate = _("Recipients count, not messages.")
        ports = _("25, 80, 443, 465 and 993 are always open.")
        self.form.add("message_mb", _("Largest message, MB"), self.message, check=self._wrong_message)
        self.form.add(
            "messages_per_day", _("Messages a day of one login"), self.rate, note=rate, check=self._wrong_rate
        )
        self.form.add("ports", _("Ports"), self.ports, note=ports, check=self._wrong_ports)
        self.form.add("webmail", _("Webmail"), self.webmail)
        for box in (self.antivirus, self.macros, self.back):
            box.setAccessibleName(box.text())
            self.slot.addWidget(box)

    def _chosen(self) -> ChangeMail:
        """All that stands in the sheet."""
        return ChangeMail(
            self._row.server_id,
            webmail=self.webmail.currentData(),
            has_antivirus=self.antivirus.isChecked(),
            scans_macros=self.macros.isChecked(),
            ports=tuple(map(int, self._typed_ports())),
            message_mb=_number(self.message),
            messages_per_day=_number(self.rate),
            sets_back=(ALL,) if self.back.isChecked() else (),
        )

    def _typed_ports(self) -> list[str]:
        return re.findall(r"[^\s,]+", self.ports.text())

    def _show(self, row: MailSettingsRow | None) -> None:
        if row is None or row.settings is None:
            self.banner.say(
                Status.WAITING,
                _("How this mail server was set up is not known."),
                _("Mailyard changes only what it set up."),
            )
            return
        self._settings = row.settings
        self.message.setText(str(row.settings.message_mb))
        self.rate.setText(str(row.settings.messages_per_day))
        self.ports.setText(", ".join(map(str, row.settings.ports)))
        self.webmail.setCurrentIndex(self.webmail.findData(row.settings.webmail))
        self.antivirus.setChecked(row.settings.has_antivirus)
        self.macros.setChecked(row.settings.scans_macros)
        self.act.setEnabled(True)
        self.message.setFocus()

    def _failed(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy)

    def _wrong_message(self) -> str:
        return self._wrong(self.message, ChangeMail(self._row.server_id, message_mb=_number(self.message)))

    def _wrong_rate(self) -> str:
        return self._wrong(self.rate, ChangeMail(self._row.server_id, messages_per_day=_number(self.rate)))

    def _wrong_ports(self) -> str:
        words = self._typed_ports()
        if not words or not all(NUMBERS.fullmatch(each) for each in words):
            return _("Enter numbers of ports, with commas between them.")
        return self._why_not(ChangeMail(self._row.server_id, ports=tuple(map(int, words))))

    def _wrong(self, field: QLineEdit, request: ChangeMail) -> str:
        return _("Enter a whole number.") if _number(field) is None else self._why_not(request)

    def _why_not(self, request: ChangeMail) -> str:
        """As the engine would say it."""
        if self._settings is None:
            return ""
        try:
            check_settings(request.on(self._settings))
        except MailyardError as error:
            return error.sentence()
        return ""


class PowerMailSheet(AskingSheet):
    """Stop, start or restart of its containers."""

    def __init__(self, services: Services, row: MailServerRow, act: PowerAct, parent: QWidget) -> None:
        titles = {
            "stop": _("Stop the mail server {name}"),
            "start": _("Start the mail server {name}"),
            "restart": _("Restart the mail server {name}"),
        }
        words = {"stop": _("Stop"), "start": _("Start"), "restart": _("Restart")}
        text = SheetText(titles[act].format(name=row.server), words[act], _("Cancel"), row.server)
        super().__init__(services, text, parent)
        self._request = PowerMail(row.server_id, act)
        mail = {
            "stop": (_("stands still"), _("What others send meanwhile they send again, for some days.")),
            "start": (_("goes on"), _("as soon as all containers are healthy")),
            "restart": (_("waits"), _("for about a minute; nothing is lost")),
        }
        undo = {"stop": _("Start it again.")}.get(act, _("not needed"))
        self.set_effects(
            [
                EffectLine(_("Server"), _("goes on"), _("only the containers of Mailu are concerned")),
                EffectLine(_("Mail"), *mail[act], Status.WARNING if act == "stop" else None),
                EffectLine(_("Undo"), _("possible"), undo),
            ]
        )

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(self._request),)


class RenewTokenSheet(AskingSheet):
    """Another token of Mailu's API."""

    def __init__(self, services: Services, row: MailServerRow, parent: QWidget) -> None:
        title = _("Renew the API token of {name}").format(name=row.server)
        super().__init__(services, SheetText(title, _("Renew"), _("Cancel"), row.server), parent)
        self._request = RenewToken(row.server_id)
        self.set_effects(
            [
                EffectLine(_("Created"), _("a new token"), _("kept in the secret store before it is written")),
                EffectLine(_("Made anew"), _("the container admin"), _("mail waits for some seconds")),
                EffectLine(
                    _("Old token"), _("ends"), _("once the new one is proved; programs of others need that one")
                ),
                EffectLine(_("Undo"), _("by itself"), _("A token that is not proved is taken back.")),
            ]
        )

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(self._request),)


class RenewPasswordSheet(AskingSheet):
    """Another password of the administrator's mailbox."""

    def __init__(self, services: Services, row: MailServerRow, parent: QWidget) -> None:
        title = _("Renew the administrator's password of {name}").format(name=row.server)
        super().__init__(services, SheetText(title, _("Renew"), _("Cancel"), row.server), parent)
        self._request = RenewPassword(row.server_id)
        self.set_effects(
            [
                EffectLine(_("Created"), _("a new password"), _("kept in the secret store before the mailbox has it")),
                EffectLine(_("Proved"), _("by a login"), _("over IMAP, with the new password")),
                EffectLine(
                    _("Old password"), _("ends"), _("programs that log in with it need the new one; app tokens stay")
                ),
                EffectLine(_("Shown"), _("on request"), _("in Settings, Secrets: Reveal...")),
                EffectLine(_("Undo"), _("by itself"), _("A password that is not proved is taken back.")),
            ]
        )

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(self._request),)


def _number(field: QLineEdit) -> int | None:
    text = field.text().strip()
    return int(text) if NUMBERS.fullmatch(text) else None
