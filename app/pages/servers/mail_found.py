"""A Mailu on a server as a look found it: what it is, and where it differs from what Mailyard would set up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.mail.adopt.finding import MailFound
from backend.mail.adopt.queries import MailFinding
from backend.mailu.found import Difference
from widgets import tokens
from widgets.banner import Banner
from widgets.button import Button
from widgets.flow import Flow
from widgets.key_value import KeyValues
from widgets.record_model import Column
from widgets.record_table import RecordTable

EDGE = tokens.PANEL_PADDING
#: In a small window a table scrolls before the facts above it are cut.
LEAST_TABLE = 44


class FoundMail(QWidget):
    """Part of a server's tab *Mail*. ``look_asked``: look again; ``adopt_asked``: take over what is shown; ``left``:
    back to the mail server that is known.
    """

    look_asked = Signal()
    adopt_asked = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.banner, self.facts = Banner(), KeyValues()
        self.table: RecordTable[Difference] = RecordTable(
            _columns(), lambda row: (row.name, row.found, row.ours), _("Differences")
        )
        self.look, self.adopt, self.back = Button(_("Look again")), Button(_("Adopt...")), Button(_("Domains"))
        for button, signal in ((self.look, self.look_asked), (self.adopt, self.adopt_asked), (self.back, self.left)):
            button.clicked.connect(signal)
        foot, flow = QWidget(), Flow(self.adopt, self.look, self.back)
        flow.setContentsMargins(EDGE, 8, EDGE, 12)
        foot.setLayout(flow)
        facts_over_table(self, self.banner, self.facts, self.table, foot)

    def show_finding(self, finding: MailFinding, *, is_known: bool, is_adopted: bool) -> None:
        """``is_known``: the server has a mail server here already; ``is_adopted``: one that was adopted."""
        found = finding.found
        self._say(finding)
        self.look.setEnabled(not finding.is_looking)
        self.back.setVisible(is_known)
        self.adopt.setVisible(is_adopted or not is_known)
        self.adopt.setText(_("Note anew...") if is_adopted else _("Adopt..."))
        self.adopt.setEnabled(found is not None and not finding.is_looking)
        if found is not None and finding.seen_at is not None:
            self.facts.set_rows(_facts(found, finding.seen_at))
        self.facts.setVisible(found is not None)
        self.table.set_rows(found.differences if found is not None else ())

    def _say(self, finding: MailFinding) -> None:
        found = finding.found
        if finding.is_looking:
            self.banner.say(Status.WAITING, _("Looking at the server; nothing is changed there."), is_told=False)
        elif finding.trouble:
            self.banner.say(Status.CRITICAL, finding.trouble, finding.remedy, is_told=False)
        elif finding.changed:
            names = ", ".join(dict.fromkeys(each.name for each in finding.changed))
            said = _("Changed on the server since it was adopted: {names}").format(names=names)
            self.banner.say(
                Status.WARNING, said, _("It stays as it is. Note it anew, or change it back."), is_told=False
            )
        elif found is not None and found.api != "open":
            said = _("Its API: {state}").format(state=found.api_said)
            self.banner.say(Status.WARNING, said, found.api_note, is_told=False)
        else:
            self.banner.clear()


def _facts(found: MailFound, seen_at: datetime) -> list[tuple[str, str]]:
    """The rare ones only where there is something to tell: the differences below need the room."""
    idle = ", ".join(each.service for each in found.containers if each.state != "running")
    return [
        (_("Version"), f"Mailu {found.mailu_version}"),
        (_("Files"), ", ".join((*found.files, found.env_file))),
        (_("Kept in"), found.root),
        (_("Containers"), _("not running: {names}").format(names=idle) if idle else _("all run")),
        (_("API"), found.api_said),
        *(((_("It has"), _held(found)),) if found.domains is not None else ()),
        *(((_("Overrides"), ", ".join(found.overrides)),) if found.overrides else ()),
        *(((_("Not in force yet"), ", ".join(found.pending)),) if found.pending else ()),
        (_("Read"), words.age(seen_at, datetime.now(UTC))),
    ]


def _held(found: MailFound) -> str:
    domains, mailboxes = words.number(found.domains or 0), words.number(found.mailboxes or 0)
    return _("domains: {domains}, mailboxes: {mailboxes}").format(domains=domains, mailboxes=mailboxes)


def facts_over_table(
    whole: QWidget, banner: Banner, facts: KeyValues, table: RecordTable[Any], foot: QWidget
) -> QWidget:
    """``whole``, with what is wrong and the facts above a table, and its acts below."""
    table.setMinimumHeight(LEAST_TABLE)
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    head = QWidget()
    inner = QVBoxLayout(head)
    inner.setContentsMargins(EDGE, 10, EDGE, 10)
    inner.addWidget(banner)
    inner.addWidget(facts)
    column.addWidget(head)
    column.addWidget(table, 1)
    column.addWidget(foot)
    return whole


def _columns() -> tuple[Column[Difference], ...]:
    return (
        Column(_("Setting"), text=lambda row: row.name, is_name=True, tooltip=lambda row: row.place),
        Column(_("On the server"), text=lambda row: _value(row.found), is_name=True),
        Column(_("As Mailyard would set it up"), text=lambda row: _value(row.ours), is_name=True),
    )


def _value(told: str | None) -> str:
    return words.DASH if told is None else told or _("empty")
