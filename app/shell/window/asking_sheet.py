"""A sheet that stays until the engine took what it asks for: what is refused is said where it was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from backend.core.present.status import Status
from backend.store.scope import AGENCY
from widgets.banner import Banner
from widgets.form import Form
from widgets.sheet import Sheet, SheetText

if TYPE_CHECKING:
    from uuid import UUID

    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.errors import MailyardError
    from backend.core.secrets.values import Secret, SecretRef
    from backend.engine.payload import Request

KIND = "smtp"


@dataclass(frozen=True)
class Ask:
    """One request, and where the secrets lie that it alone needs."""

    request: Request
    refs: tuple[SecretRef, ...] = ()


class AskingSheet(Sheet):
    """A subclass fills the ``form``, says what is asked (``asks``) and which secrets are sealed before (``secrets``):
    both are read once, when the act is pressed.

    Secrets of what was refused are forgotten again. ``taken`` carries the ids of the jobs, ``refused`` the error of a
    request whose siblings were taken: the sheet has gone by then.
    """

    taken = Signal(object)
    refused = Signal(object)

    def __init__(self, services: Services, text: SheetText, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.services = services
        self.banner, self.form = Banner(), Form()
        self.slot.addWidget(self.banner)
        self.slot.addWidget(self.form)
        self._refs: Sequence[SecretRef] = []
        self._jobs: list[UUID] = []
        self._taken: list[UUID] = []
        self._asks: Sequence[Ask] = ()
        self._refused: list[Ask] = []
        self._errors: list[MailyardError] = []
        self._open = 0
        self._is_left = False

    @property
    def were_taken(self) -> Sequence[bool]:
        """Of each of the :meth:`secrets` whether the request that needs it was taken."""
        lost = {ref for ask in self._refused for ref in ask.refs}
        return [ref not in lost for ref in self._refs]

    def secrets(self) -> Sequence[Secret]:
        """What is sealed first, in the order in which :meth:`asks` gets the references."""
        return ()

    def asks(self, refs: Sequence[SecretRef]) -> Sequence[Ask]:
        """What was chosen, as requests."""
        raise NotImplementedError

    def reject(self) -> None:
        """Not while the engine looks at it: whether its secrets are needed is not known."""
        if not self._open:
            super().reject()

    def done(self, result: int) -> None:
        """Given up while it was sealing: nothing of it is kept."""
        self._is_left = True
        if not self._jobs:
            self._forget(self._refs)
        self.services.reader.forget(self)
        super().done(result)

    def _agree(self) -> None:
        if not self.form.is_right():
            return
        self.act.setEnabled(False)
        self.banner.clear()
        self._refs, self._jobs, self._taken, self._refused, self._errors = [], [], [], [], []
        values = self.secrets()
        if values:
            self._refs = self.services.submit.keep_secrets(self, KIND, AGENCY, values, self._sealed)
        self._asks = self.asks(self._refs)  # now: what is typed while it seals is not what was agreed to
        if not values:
            self._ask_all()

    def _sealed(self, error: MailyardError | None) -> None:
        """That comes too late where the sheet was left in the meantime."""
        if self._is_left:
            return
        if error is None:
            self._ask_all()
        else:
            self._tell(error)

    def _ask_all(self) -> None:
        self._open = len(self._asks)
        self.keep.setEnabled(False)
        for at, each in enumerate(self._asks):
            self._jobs.append(self.services.submit.ask(self, AGENCY, each.request, partial(self._settled, at, each)))

    def _settled(self, at: int, ask: Ask, error: MailyardError | None) -> None:
        self._open -= 1
        if error is None:
            self._taken.append(self._jobs[at])
        else:
            self._errors.append(error)
            self._refused.append(ask)
            self._forget(ask.refs)
        if self._open:
            return
        self.keep.setEnabled(True)
        if not self._taken:
            self._jobs, self._refs = [], []
            self._tell(self._errors[0])
            return
        self.taken.emit(tuple(self._taken))
        for each in self._errors:
            self.refused.emit(each)
        self.accept()

    def read_failed(self, error: MailyardError) -> None:
        """What the sheet reads to be filled in could not be read."""
        self.banner.say(Status.CRITICAL, error.title, error.remedy)

    def _forget(self, refs: Sequence[SecretRef]) -> None:
        if refs:
            self.services.submit.forget_secrets(refs)

    def _tell(self, error: MailyardError) -> None:
        """Nothing was asked of anybody: it can be put right here."""
        self._refs = []
        self.act.setEnabled(True)
        self.banner.say(Status.CRITICAL, error.title, error.remedy, details=error.detail)
