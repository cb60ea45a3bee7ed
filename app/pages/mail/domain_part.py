"""The chosen domain itself: what it has against what it may have, its other names, who manages it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.mail.figures import fullness, gigabytes
from backend.core.present import format as words
from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.flow import Flow
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.progress_meter import ProgressMeter
from widgets.scrolled import scrolled

if TYPE_CHECKING:
    from backend.mail.queries import DomainRow, MailServerRow

EDGE = tokens.PANEL_PADDING
LIMITS, NAMES, MANAGERS, REMOVE = "limits", "names", "managers", "remove"


class DomainPart(QWidget):
    """Part of the domain's panel. ``asked`` carries what is to be done: a key of this module."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(EDGE, 12, EDGE, 12)
        self._column.setSpacing(6)
        self.meters: dict[str, ProgressMeter] = {}
        self.counts: dict[str, Label] = {}
        for key, label in (("mailboxes", _("Mailboxes")), ("aliases", _("Aliases"))):
            self._add_meter(key, label)
        self.facts = KeyValues()
        self._column.addSpacing(8)
        self._column.addWidget(self.facts)
        self._column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scrolled(page, _("Domain")), 1)
        whole.addWidget(self._foot())

    def show_domain(self, row: DomainRow, server: MailServerRow | None) -> None:
        for key, has, most in (
            ("mailboxes", row.mailboxes, row.max_mailboxes),
            ("aliases", row.aliases, row.max_aliases),
        ):
            self.counts[key].setText(words.of_limit(has, most))
            self.meters[key].setVisible(bool(most))
            self.meters[key].show_share(has / most if most else 0.0, status=fullness(has, most))
        quota = _("{size} GB").format(size=gigabytes(row.max_quota_bytes)) if row.max_quota_bytes else _("no limit")
        facts = [
            (_("Quota of a mailbox at most"), quota),
            (_("In use"), _("{size} GB").format(size=gigabytes(row.used_bytes))),
            (_("Alternative domains"), "\n".join(row.alternatives) or _("none")),
            (_("Managers"), "\n".join(row.managers) or _("none")),
            (_("Client"), row.workspace or words.DASH),
            (_("Mail server"), row.server),
        ]
        if server is not None:
            facts += [(_("Outgoing mail"), sending_words(server)), (_("Release"), f"Mailu {server.version}")]
        self.facts.set_rows(facts)

    def _add_meter(self, key: str, label: str) -> None:
        head = QWidget()
        row = QVBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.counts[key], self.meters[key] = Label(""), ProgressMeter(label)
        for widget in (Label(label, "strong"), self.counts[key], self.meters[key]):
            row.addWidget(widget)
        self._column.addWidget(head)

    def _foot(self) -> QWidget:
        foot = QWidget()
        self.buttons: dict[str, Button] = {}
        entries = (
            (LIMITS, _("Change limits...")),
            (NAMES, _("Alternative domains...")),
            (MANAGERS, _("Managers...")),
            (REMOVE, _("Remove domain...")),
        )
        for key, words_said in entries:
            button = Button(words_said)
            button.setProperty("key", key)
            button.clicked.connect(self._tell)
            self.buttons[key] = button
        flow = Flow(*self.buttons.values())
        flow.setContentsMargins(EDGE, 8, EDGE, 12)
        foot.setLayout(flow)
        return foot

    def _tell(self) -> None:
        self.asked.emit(str(self.sender().property("key")))


def sending_words(server: MailServerRow) -> str:
    """How mail leaves a server; what the server was found to say of it where it cannot."""
    note = server.sends_note if server.sends in ("no", "unknown") else ""
    return f"{server.sends_said}: {note}" if note else server.sends_said
