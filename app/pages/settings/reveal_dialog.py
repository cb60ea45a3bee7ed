"""A stored secret on the screen: after the person proved again who they are, for a minute, then it is gone here."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import _
from backend.core.secrets.redactor import MASK
from backend.core.secrets.values import Secret
from widgets import tokens
from widgets.band import ModeBand, belongs_to_demo
from widgets.banner import Banner
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.form import Form
from widgets.label import Label
from widgets.overflow import Overflow
from widgets.overlay import Overlay
from widgets.record_block import RecordBlock

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.core.errors import MailyardError
    from backend.feature import StoredSecret
    from backend.revealing import Proof, Reveals
    from backend.store.query import Source
    from widgets.record_block import CopyButton

EDGE = 24
SHOWN_S, TICK_MS = 60, 1000


@dataclass(frozen=True)
class Proofs:
    """Query: what has to be proved; it reads where the key of the store lies."""

    reveals: Reveals
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, _source: Source) -> Proof:
        return self.reveals.asks_for


@dataclass(frozen=True)
class Revealing:
    """One secret, once: it writes a row of the audit log before it answers. The proof takes a moment, so that it goes
    by the reader, whose threads nobody else waits for."""

    reveals: Reveals
    ref: str
    proof: Secret
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, _source: Source) -> Secret:
        return self.reveals.reveal(self.ref, self.proof)


class RevealDialog(Overlay):
    """Shown by ``open()``. What is shown is hidden after :data:`SHOWN_S`, and with the dialog or its window; a copy of
    it leaves the clipboard then. Both clocks count: one stands still while the computer sleeps, one can be set back.
    """

    def __init__(self, services: Services, row: StoredSecret, parent: QWidget) -> None:
        super().__init__(_("Reveal a secret"), parent)
        self._services, self._row = services, row
        self._shown, self._ends_at, self._ends_at_wall = ExitStack(), 0.0, 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.setFixedWidth(tokens.SHEET_WIDTH)
        content = QWidget()
        body = QVBoxLayout(content)
        body.setContentsMargins(EDGE, 20, EDGE, 8)
        body.setSpacing(12)
        body.addWidget(DialogHead(self.windowTitle(), self))
        body.addWidget(ModeBand(row.about, is_demo=belongs_to_demo(parent), fills=True))
        self.banner = Banner()
        body.addWidget(self.banner)
        self.block = RecordBlock(_(row.title))
        self.block.set_fields([(_(row.title), MASK)])
        self._copy.is_secret = True
        body.addWidget(self.block)
        body.addWidget(self._form())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(Overflow(content, self.windowTitle()), 1)
        outer.addWidget(self._footer())
        self._hide()
        services.reader.ask(self, "proof", Proofs(services.installation.reveals), self._ask_for, self._failed)

    def done(self, result: int) -> None:
        """Whatever happens, neither the value nor what was typed stays."""
        self._hide()
        self.proof.clear()
        self._services.reader.forget(self)
        super().done(result)

    def hideEvent(self, event: QHideEvent) -> None:
        """Also when the window closes, or goes into the tray; not when it is only minimised, to paste elsewhere."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._hide()

    @property
    def value(self) -> str:
        """What is shown: dots, or the secret."""
        return self._copy.value

    def _form(self) -> Form:
        self.form, self.proof = Form(), QLineEdit()
        self.proof.setEchoMode(QLineEdit.EchoMode.Password)
        self.form.add("proof", _("Passphrase of the secret store"), self.proof, check=self._proof_error)
        return self.form

    def _footer(self) -> DialogFooter:
        self.keep, self.act = Button(_("Close")), Button(_("Reveal"), "primary")
        self.keep.clicked.connect(self.reject)
        self.act.setDefault(True)
        self.act.clicked.connect(self._reveal)
        self.note = Label("", "small", wraps=True)
        return DialogFooter(self.keep, self.act, self.note)

    def _ask_for(self, proof: Proof) -> None:
        if proof == "login":
            self.form.call("proof", _("Password of your login to this computer"))
        if belongs_to_demo(self) and (known := self._services.installation.choices.ask_passphrase()) is not None:
            with known.lent() as words:
                self.proof.setText(words)
        self.proof.setFocus()

    def _reveal(self) -> None:
        if self.form.is_right():
            self.banner.clear()
            self.act.setEnabled(False)
            asked = Revealing(self._services.installation.reveals, self._row.ref, Secret(self.proof.text()))
            self._services.reader.ask(self, "reveal", asked, self._show, self._refused)

    def _show(self, value: Secret) -> None:
        self._hide()
        self.proof.clear()
        self._set(self._shown.enter_context(value.lent()))
        self._offer(is_shown=True)
        self._copy.setFocus()
        self._ends_at, self._ends_at_wall = time.monotonic() + SHOWN_S, time.time() + SHOWN_S
        self._timer.start()
        self._tick()

    def _tick(self) -> None:
        left = round(min(self._ends_at - time.monotonic(), self._ends_at_wall - time.time()))
        if left <= 0:
            self._hide()
            return
        self.note.setText(_("Hidden again in {n} s.").format(n=left))

    def _hide(self) -> None:
        """Nothing here knows it any more; what somebody copied meanwhile is taken off the clipboard."""
        self._timer.stop()
        clipboard = QGuiApplication.clipboard()
        if self.value != MASK and clipboard.text() == self.value:
            clipboard.clear()
        self._set(MASK)
        self._offer(is_shown=False)
        self._shown.close()
        self.act.setEnabled(True)
        self.note.setText(_("Shown for {n} s. The audit log keeps who looked at it, and when.").format(n=SHOWN_S))

    def _offer(self, *, is_shown: bool) -> None:
        """A proof is asked for while there is something to reveal."""
        self._copy.setEnabled(is_shown)
        self.form.setVisible(not is_shown)
        self.act.setVisible(not is_shown)

    def _set(self, text: str) -> None:
        self.block.set_fields([(_(self._row.title), text)])

    @property
    def _copy(self) -> CopyButton:
        return self.block.buttons[_(self._row.title)]

    def _refused(self, error: MailyardError) -> None:
        self.act.setEnabled(True)
        self.form.show_error("proof", error.sentence())
        self.proof.setFocus()

    def _failed(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy)

    def _proof_error(self) -> str:
        return "" if self.proof.text() else _("Enter it to go on.")
