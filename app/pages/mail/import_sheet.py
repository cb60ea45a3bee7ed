"""Many mailboxes at once, from a pasted list or a CSV file: a preview names each bad line before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QPlainTextEdit

from app.pages.mail.fields import quota_error, whose_domain
from app.pages.mail.figures import count_mailboxes
from app.pages.mail.hand_over import Login
from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.core.secrets.values import Secret, SecretRef
from backend.mail.csv_import import HEADS, BadLine, MailboxLine, Preview, read_mailboxes
from backend.mail.new_passwords import made_up_password
from backend.mail.requests import MOST_AT_ONCE, AddMailboxes, NewMailbox
from widgets.button import Button
from widgets.label import Label
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.mail.queries import DomainRow

TEXT_HEIGHT, TABLE_HEIGHT = 120, 34 + 4 * 28
READ_MS = 200
LARGEST_FILE = 5_000_000
SAMPLE = "info, , Front desk, 2000"


class ImportSheet(AskingSheet):
    """Lines are read as they are typed. Passwords that no line gives are made up; ``logins`` tells all of them once."""

    def __init__(self, services: Services, domain: DomainRow, there: frozenset[str], parent: QWidget) -> None:
        """``there`` are the addresses that the domain has already."""
        title = _("Import mailboxes into {domain}").format(domain=domain.name)
        text = SheetText(title, _("Import mailboxes"), _("Cancel"), whose_domain(domain))
        super().__init__(services, text, parent)
        self.domain, self._there = domain, there
        self._preview = Preview((), ())
        self._logins: Sequence[Login] = ()
        self.lines = QPlainTextEdit()
        self.lines.setPlaceholderText(SAMPLE)
        self.lines.setFixedHeight(TEXT_HEIGHT)
        self.lines.setTabChangesFocus(True)
        note = _("Address, password, name, quota in MB; one mailbox a line. A CSV may name its columns: {heads}.")
        note = note.format(heads=", ".join(HEADS))
        self.form.add("lines", _("Mailboxes"), self.lines, note=note)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(READ_MS)
        self._timer.timeout.connect(self.read)
        self.lines.textChanged.connect(self._timer.start)
        self._add_preview()
        self.read()
        self.lines.setFocus()

    @property
    def logins(self) -> Sequence[Login]:
        """What is handed over, once."""
        return self._logins

    def secrets(self) -> Sequence[Secret]:
        self.read()
        good = self._preview.good
        chosen = [line.password or made_up_password() for line in good]
        self._logins = [Login(self._address(line), secret) for line, secret in zip(good, chosen, strict=True)]
        return chosen

    def asks(self, refs: Sequence[SecretRef]) -> Sequence[Ask]:
        news = tuple(
            NewMailbox(line.local_part, ref.path, line.display_name, line.quota_bytes or self.domain.max_quota_bytes)
            for line, ref in zip(self._preview.good, refs, strict=True)
        )
        request = AddMailboxes(self.domain.server_id, self.domain.name, news, self.must_change.isChecked())
        return (Ask(request, tuple(refs)),)

    def done(self, result: int) -> None:
        """The values leave the field, whatever happens."""
        self._timer.stop()
        self.lines.clear()
        self._timer.stop()
        super().done(result)

    def read(self) -> None:
        """Bring the preview to the lines as they are now."""
        self._timer.stop()
        told = read_mailboxes(self.lines.toPlainText(), self.domain.name)
        wrong = {line.number: said for line in told.good if (said := self._wrong(line))}
        bad = [BadLine(line.number, line.local_part, wrong[line.number]) for line in told.good if line.number in wrong]
        good = tuple(line for line in told.good if line.number not in wrong)
        self._preview = Preview(good, tuple(sorted((*told.bad, *bad), key=lambda line: line.number)))
        self._show_preview()

    def open_file(self) -> None:
        """Ask for a CSV file, beside the sheet."""
        dialog = QFileDialog(self, _("Import mailboxes"), "", _("CSV files (*.csv *.txt);;All files (*)"))
        dialog.fileSelected.connect(self.take_file)
        dialog.open()

    def take_file(self, path: str) -> None:
        """Show a file's lines; one that is no list says so."""
        file = Path(path)
        try:
            if file.stat().st_size > LARGEST_FILE:
                raise ValueError(path)
            self.lines.setPlainText(file.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            title = _("{file} cannot be read as a list.").format(file=file.name)
            self.banner.say(Status.CRITICAL, title, _("Save it as CSV UTF-8, of at most 5 MB."))
            return
        self.banner.clear()
        self.read()

    def _add_preview(self) -> None:
        row = QHBoxLayout()
        self.file = Button(_("Open file..."))
        self.file.clicked.connect(self.open_file)
        self.counted = Label("", "strong", wraps=True)
        row.addWidget(self.file)
        row.addWidget(self.counted, 1)
        self.slot.addLayout(row)
        self.bad: RecordTable[BadLine] = RecordTable(_columns(), lambda line: line.number, _("Bad lines"))
        self.bad.setFixedHeight(TABLE_HEIGHT)
        self.leave_out = QCheckBox(_("Leave out the bad lines"))
        self.leave_out.toggled.connect(self._weigh)
        self.must_change = QCheckBox(_("Everybody chooses another password at the next login"))
        self.must_change.setChecked(True)
        for widget in (self.bad, self.leave_out, self.must_change):
            self.slot.addWidget(widget)

    def _show_preview(self) -> None:
        good, bad = len(self._preview.good), len(self._preview.bad)
        parts = [count_mailboxes(good)]
        if bad:
            parts.append(ngettext("{n} bad line", "{n} bad lines", bad).format(n=words.number(bad)))
        self.counted.setText(", ".join(parts))
        self.bad.set_rows(self._preview.bad)
        self.bad.setVisible(bad > 0)
        self.leave_out.setVisible(bad > 0)
        made = sum(line.password is None for line in self._preview.good)
        self.set_effects(
            [
                EffectLine(_("Created"), count_mailboxes(good), self._room_words()),
                EffectLine(_("Passwords"), _("{n} made up").format(n=words.number(made)), _("shown once, afterwards")),
                EffectLine(_("Undo"), _("one by one"), _("You can delete each again.")),
            ]
        )
        self._weigh()
        self.fit()

    def _weigh(self, _is_on: bool = False) -> None:
        good, bad = self._preview.good, self._preview.bad
        self.act.setEnabled(bool(good) and not self._too_many() and (not bad or self.leave_out.isChecked()))

    def _wrong(self, line: MailboxLine) -> str:
        """As the engine would refuse all of them for this one."""
        address = self._address(line)
        if address in self._there:
            return _("There is already a mailbox {address}.").format(address=address)
        return quota_error(line.quota_bytes or self.domain.max_quota_bytes, self.domain)

    def _address(self, line: MailboxLine) -> str:
        return f"{line.local_part}@{self.domain.name}"

    def _room_words(self) -> str:
        domain = self.domain
        if self._too_many():
            return _("more than fit: there are {count}").format(
                count=words.of_limit(domain.mailboxes, domain.max_mailboxes)
            )
        return _("beside {count} that are there").format(count=words.of_limit(domain.mailboxes, domain.max_mailboxes))

    def _too_many(self) -> bool:
        most, count = self.domain.max_mailboxes, len(self._preview.good)
        return count > MOST_AT_ONCE or (most is not None and self.domain.mailboxes + count > most)


def _columns() -> tuple[Column[BadLine], ...]:
    return (
        Column(_("Line"), text=lambda line: words.number(line.number), sort=lambda line: line.number, width=60),
        Column(_("Mailbox"), text=lambda line: line.text or words.DASH, is_name=True),
        Column(_("What is wrong"), text=lambda line: line.why, most=420),
    )
