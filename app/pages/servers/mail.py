"""The Mail tab of a server: its mail server, how mail leaves it, and the domains it carries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.pages.servers.mail_changes import MailChanges
from app.pages.servers.mail_found import FoundMail, facts_over_table
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, both
from backend.mail.adopt.queries import MailFinding
from backend.mail.adopt.requests import LookAtMail
from backend.mail.files.names import named
from backend.mail.queries import DomainRow, MailServerRow
from backend.mail.requests import ReadMail
from backend.mailu.settings import VERSION
from backend.mailu.versions import is_outdated
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.banner import Banner
from widgets.button import Button
from widgets.empty_state import EmptyState
from widgets.flow import Flow
from widgets.key_value import KeyValues
from widgets.record_model import Column
from widgets.record_table import RecordTable

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.servers.queries import ServerRow

EDGE = tokens.PANEL_PADDING
MOST_NAMED = 1  # settings that were changed by hand: there is little room


class MailPart(QWidget):
    """Part of the server's detail. ``install_asked`` is for the server; ``upgrade_asked`` carries its row,
    ``adopt_asked`` besides what was found there, ``domain_asked`` a domain's id.
    """

    install_asked = Signal()
    upgrade_asked = Signal(object)
    adopt_asked = Signal(object, object)
    domain_asked = Signal(object)

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._row: ServerRow | None = None
        self._mail: MailServerRow | None = None
        self._finding, self._is_compared = MailFinding(), False
        self.banner, self.facts = Banner(), KeyValues()
        self.table: RecordTable[DomainRow] = RecordTable(_columns(), lambda row: row.id, _("Domains"))
        self.table.chosen.connect(self._enable)
        self.table.opened.connect(self._open)
        self.empty = EmptyState(_("No mail server"), "", _("Install the mail server..."))
        self.empty.acted.connect(self.install_asked)
        self.search = Button(_("Look for a running one"))
        self.search.clicked.connect(self._look)
        self.found = FoundMail()
        self.found.look_asked.connect(self._look)
        self.found.adopt_asked.connect(self._adopt)
        self.found.left.connect(self._leave)
        there = facts_over_table(QWidget(), self.banner, self.facts, self.table, self._foot())
        self._stack = QStackedWidget()
        self._stack.addWidget(there)
        self._stack.addWidget(self._nothing())
        self._stack.addWidget(self.found)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def show_server(self, row: ServerRow) -> None:
        """Whose mail is shown: what was asked of it comes in any order."""
        if self._row is None or self._row.id != row.id:
            self._mail, self._finding, self._is_compared = None, MailFinding(), False
        self._row = row

    def show_mail(self, row: ServerRow, servers: Sequence[MailServerRow]) -> None:
        """What is known of its mail server; none, and why, where there is none."""
        mail = self._mail = next((each for each in servers if each.server_id == row.id), None)
        self._turn()
        if mail is None:
            self._say_none(row)
            return
        self.facts.set_rows(_facts(mail))
        self.upgrade.setVisible(mail.can_be_upgraded)
        self.changes.show_mail(mail)
        if mail.sends == "no":
            self.banner.say(Status.CRITICAL, _("It cannot send mail"), mail.sends_note, is_told=False)
        elif mail.changed_by_hand:
            names = named(mail.changed_by_hand, MOST_NAMED)
            self.banner.say(Status.WARNING, _("Its files were changed by hand"), names, is_told=False)
        else:
            self.banner.clear()

    def show_domains(self, rows: Sequence[DomainRow]) -> None:
        mine = [row for row in rows if self._row is not None and row.server_id == self._row.id]
        self.table.set_rows(mine)
        if mine and self.table.current() is None:
            self.table.selectRow(0)
        self._enable(self.table.current())

    def show_finding(self, finding: MailFinding) -> None:
        """What looking at its files brought."""
        self._finding = finding
        self._turn()
        if self._row is not None and self._mail is None:
            self._say_none(self._row)

    def _say_none(self, row: ServerRow) -> None:
        reason, finding = why_no_mail(row), self._finding
        about = reason or _("Mailu can be set up on it: domains, mailboxes, webmail, spam filter.")
        if finding.trouble and not reason:
            about = both(finding.trouble, finding.remedy)
        self.empty.say(_("No mail server"), about)
        self.empty.action.setVisible(not reason)
        self.search.setVisible(not reason)

    def _turn(self) -> None:
        """A Mailu that was only looked at stands where the known one would."""
        finding, mail = self._finding, self._mail
        is_seen = finding.found is not None or finding.is_looking
        shows = self._is_compared if mail is not None else is_seen
        self.found.show_finding(finding, is_known=mail is not None, is_adopted=mail is not None and mail.is_adopted)
        self._stack.setCurrentIndex(2 if shows else 1 if mail is None else 0)

    def _nothing(self) -> QWidget:
        nothing, row = QWidget(), QHBoxLayout()
        column = QVBoxLayout(nothing)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.empty, 1)
        row.addStretch(1)
        row.addWidget(self.search)
        row.addStretch(1)
        row.setContentsMargins(EDGE, 0, EDGE, 12)
        column.addLayout(row)
        return nothing

    def _foot(self) -> QWidget:
        foot = QWidget()
        self.open, self.read = Button(_("Open in Mail")), Button(_("Read again"))
        self.compare = Button(_("Compare its set-up"))
        self.open.clicked.connect(self._open)
        self.read.clicked.connect(self._read)
        self.upgrade = Button(_("Upgrade..."))
        self.upgrade.clicked.connect(self._upgrade)
        self.compare.clicked.connect(self._compare)
        self.more = Button("", "icon", icon_name="ellipsis", name=_("More actions for this mail server"))
        self.changes = MailChanges(self._services, self.more)
        self.more.setMenu(self.changes)
        flow = Flow(self.open, self.read, self.upgrade, self.compare, self.more)
        flow.setContentsMargins(EDGE, 8, EDGE, 12)
        foot.setLayout(flow)
        return foot

    def _enable(self, row: DomainRow | None) -> None:
        self.open.setEnabled(row is not None)

    def _open(self, _row: object = None) -> None:
        row = self.table.current()
        if row is not None:
            self.domain_asked.emit(row.id)

    def _upgrade(self) -> None:
        self.upgrade_asked.emit(self._row)

    def _read(self) -> None:
        if self._row is not None:
            self._services.submit.request(AGENCY, ReadMail(self._row.id))

    def _look(self) -> None:
        if self._row is not None:
            self._services.submit.request(AGENCY, LookAtMail(self._row.id))

    def _compare(self) -> None:
        self._is_compared = True
        self._look()
        self._turn()

    def _leave(self) -> None:
        self._is_compared = False
        self._turn()

    def _adopt(self) -> None:
        if self._row is not None and self._finding.found is not None:
            self.adopt_asked.emit(self._row, self._finding.found)


def why_no_mail(row: ServerRow) -> str:
    """Why no mail server can be installed; empty where one can, as far as is known here."""
    if not row.is_ours or not row.can_enter:
        return _("Mailyard sets mail up on servers it created and verified.")
    return "" if row.life == "active" else _("still being set up")


def _facts(mail: MailServerRow) -> list[tuple[str, str]]:
    kinds = {"self_signed": _("self-signed"), "authority": _("trusted")}
    newer = [(_("Newer version"), f"Mailu {VERSION}")] if is_outdated(mail.version) else []
    how = _("adopted, watched only: its API is not open to Mailyard") if mail.is_watched_only else _("adopted")
    return [
        (_("State"), f"{mail.state_said}, Mailu {mail.version}"),
        *newer,
        *(((_("Set up"), how),) if mail.is_adopted else ()),
        (_("Name for mail programs"), mail.host_name),
        (_("Outgoing mail"), mail.sends_said),
        (_("Certificate"), kinds.get(mail.certificate_kind, words.DASH)),
        (_("Read"), words.age(mail.seen_at, datetime.now(UTC))),
    ]


def _columns() -> tuple[Column[DomainRow], ...]:
    return (
        Column(_("Domain"), text=lambda row: row.name, is_name=True),
        Column(
            _("Mailboxes"),
            text=lambda row: words.of_limit(row.mailboxes, row.max_mailboxes),
            sort=lambda row: row.mailboxes,
            is_number=True,
        ),
        Column(
            _("In use"),
            text=lambda row: words.size(row.used_bytes),
            sort=lambda row: row.used_bytes,
            is_number=True,
        ),
    )
