"""The hand-over sheet: what a person needs to reach the mailbox, and a password that is shown this once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.engine.job_filter import Which
from backend.engine.queries import JobRow, Jobs, is_ended
from widgets import tokens
from widgets.band import ModeBand, belongs_to_demo
from widgets.button import Button
from widgets.clipboard import copy_text
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.label import Label
from widgets.overflow import Overflow
from widgets.overlay import Overlay
from widgets.record_block import RecordBlock
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.status_badge import StatusBadge

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.session.services import Services
    from backend.core.errors import MailyardError
    from backend.core.secrets.values import Secret
    from backend.mail.queries import MailServerRow

EDGE, TABLE_HEIGHT = 24, 34 + 8 * 28
STARTTLS = 587


@dataclass(frozen=True)
class Login:
    """Whose mailbox, and its password where it was just made: it lives as long as the sheet does."""

    address: str
    password: Secret | None = None


class HandOverSheet(Overlay):
    """Shown by ``open()``. With ``jobs`` it follows them: a password counts once its job has ended well.

    Without a ``server`` (it is gone by now) the passwords are shown all the same: this is their only time.
    """

    def __init__(
        self,
        services: Services,
        logins: Sequence[Login],
        server: MailServerRow | None,
        parent: QWidget,
        *,
        jobs: Sequence[UUID] = (),
    ) -> None:
        super().__init__(_("Hand-over sheet"), parent)
        self._services, self._jobs, self._server = services, tuple(jobs), server
        self.setProperty("surface", "sheet")
        self.setFixedWidth(tokens.SHEET_WIDTH)
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(EDGE, 14, EDGE, 16)
        self.body.setSpacing(10)
        self.body.addWidget(DialogHead(_("Hand-over sheet"), self))
        named = logins[0].address if len(logins) == 1 else logins[0].address.rpartition("@")[2]
        self.body.addWidget(ModeBand(named, is_demo=belongs_to_demo(parent), fills=True))
        self.block = RecordBlock(_("Logging in"))
        self.body.addWidget(self.block)
        if len(logins) > 1:
            self.body.addWidget(self._table(logins))
        self.note = Label("", "small", wraps=True)
        self.body.addWidget(self.note)
        self.tell(logins)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        outer.addWidget(Overflow(content, self.windowTitle()), 1)
        outer.addWidget(self._footer())
        self.state.setVisible(bool(jobs))
        self.copy_all.setFocus()
        services.bridge.changed.connect(self._on_changes)
        self._look()

    def done(self, result: int) -> None:
        """What was shown is forgotten with the sheet."""
        self._text = ""
        self._services.reader.forget(self)
        super().done(result)

    def tell(self, logins: Sequence[Login], note: str = "") -> None:
        """What is handed over; ``note`` is what is to be known of its password, where that is no ordinary one."""
        self.block.set_fields(fields_of(self._server, logins))
        if _("Password") in self.block.buttons:
            self.block.buttons[_("Password")].is_secret = True
        self._text = text_of(self._server, logins)
        self._has_passwords = any(login.password is not None for login in logins)
        self.note.setText(note or (_once() if self._has_passwords else _never()))

    def copy(self) -> None:
        """All of it, for a letter or a message."""
        copy_text(self._text, is_secret=self._has_passwords)

    def _table(self, logins: Sequence[Login]) -> RecordTable[Login]:
        self.table: RecordTable[Login] = RecordTable(_columns(), lambda login: login.address, _("Passwords"))
        self.table.setFixedHeight(TABLE_HEIGHT)
        self.table.holds_secrets = True
        self.table.set_rows(logins)
        return self.table

    def _footer(self) -> DialogFooter:
        self.state = StatusBadge(Status.WAITING, plain=True)
        self.copy_all, self.close_button = Button(_("Copy all")), Button(_("Close"), "primary")
        self.copy_all.clicked.connect(self.copy)
        self.close_button.clicked.connect(self.accept)
        note = QWidget()
        row = QHBoxLayout(note)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.state)
        row.addStretch(1)
        return DialogFooter(self.copy_all, self.close_button, note)

    def _on_changes(self, topics: frozenset[str]) -> None:
        if {"jobs", "requests"} & topics:
            self._look()

    def _look(self) -> None:
        if self._jobs:
            services = self._services
            query = Jobs(
                services.view.whole_scope(),
                services.installation.kinds,
                which=Which(ids=self._jobs),
                limit=len(self._jobs),
            )
            services.reader.ask(self, "jobs", query, self._show_jobs, self._failed)

    def _show_jobs(self, rows: tuple[JobRow, ...]) -> None:
        done = sum(row.state == "succeeded" for row in rows)
        lost = [row for row in rows if is_ended(row.state) and row.state != "succeeded"]
        if lost:
            said = ngettext("{n} failed: {cause}", "{n} failed: {cause}", len(lost))
            self.state.show_status(Status.CRITICAL, said.format(n=len(lost), cause=lost[0].cause))
        elif done == len(self._jobs):
            self.state.show_status(Status.OK, _("The mail server has it"))
        else:
            self.state.show_status(Status.RUNNING, _("Not on the mail server yet"))

    def _failed(self, error: MailyardError) -> None:
        self.state.show_status(Status.UNKNOWN, error.title)


def fields_of(server: MailServerRow | None, logins: Sequence[Login]) -> Sequence[tuple[str, str]]:
    """Label and value, in the order in which mail programs ask."""
    one = logins[0] if len(logins) == 1 else None
    fields = [(_("User"), one.address if one is not None else _("the whole address"))]
    if one is not None and one.password is not None:
        fields.append((_("Password"), _password(one)))
    if server is None:
        return fields
    host = server.host_name
    fields += [
        (_("Incoming, IMAP"), f"{host}:993 (SSL/TLS)"),
        (_("Outgoing, SMTP"), f"{host}:465 (SSL/TLS)"),
    ]
    if STARTTLS in server.ports:
        fields.append((_("Or, SMTP"), f"{host}:{STARTTLS} (STARTTLS)"))
    if server.has_webmail:
        fields.append((_("Webmail"), f"https://{host}/webmail"))
    return fields


def text_of(server: MailServerRow | None, logins: Sequence[Login]) -> str:
    """The whole sheet as text."""
    lines = [f"{label}: {value}" for label, value in fields_of(server, logins)]
    if len(logins) > 1:
        lines += ["", *(f"{login.address}\t{_password(login)}" for login in logins)]
    return "\n".join(lines)


def _columns() -> tuple[Column[Login], ...]:
    return (
        Column(_("Mailbox"), text=lambda login: login.address, is_name=True),
        Column(_("Password"), text=_password, is_mono=True),
    )


def _password(login: Login) -> str:
    if login.password is None:
        return ""
    with login.password.lent() as value:
        return value


def _once() -> str:
    return _("The password is shown this once. Mailyard keeps it nowhere: copy it now.")


def _never() -> str:
    return _("Mailyard does not know the password. Reset it to hand over a new one.")
