"""The hand-over sheet of an app token: its secret comes from the mail server, once its job has ended well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.pages.mail.hand_over import HandOverSheet, Login
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.core.secrets.one_time import opened
from backend.mail.token_queries import MadeToken

if TYPE_CHECKING:
    from uuid import UUID

    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.secrets.values import Secret
    from backend.engine.queries import JobRow
    from backend.mail.queries import MailServerRow
    from backend.mail.requests import NewToken


class TokenHandOver(HandOverSheet):
    """``key`` opens what the job left; nobody else has it, so that closing this is the end of the secret."""

    def __init__(
        self,
        services: Services,
        address: str,
        key: Secret,
        server: MailServerRow | None,
        parent: QWidget,
        *,
        job: UUID,
    ) -> None:
        super().__init__(services, [Login(address)], server, parent, jobs=(job,))
        self._address, self._key, self._job = address, key, job
        self._is_told = False
        self.tell([Login(address)], _("The app token appears here, this once. Keep this open until it does."))

    def _show_jobs(self, rows: tuple[JobRow, ...]) -> None:
        super()._show_jobs(rows)
        if not self._is_told and [row.state for row in rows] == ["succeeded"]:
            query = MadeToken(self._services.view.whole_scope(), self._job)
            self._services.reader.ask(self, "made", query, self._show_made, self._failed)

    def _show_made(self, made: NewToken | None) -> None:
        secret = opened(made.sealed, self._key) if made is not None else None
        if secret is None:
            self.state.show_status(Status.CRITICAL, _("It cannot be shown: delete it and make another one."))
            return
        self._is_told = True
        note = _("The app token is the password for this device. It is shown this once: copy it now.")
        self.tell([Login(self._address, secret)], note)
