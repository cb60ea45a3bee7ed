"""*Check now*: what stands at the providers, and a sample of every server; how it went is said at the button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject

from app.shell.window.said import Said
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.engine.queries import JobDetail, JobDetails, is_ended
from backend.fleet.requests import RefreshInventory
from backend.monitoring.requests import CheckServers
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from backend.core.errors import MailyardError
    from backend.servers.queries import ServerRow
    from widgets.button import Button


class Checking(QObject):
    """Owned by the page; one check at a time."""

    def __init__(self, page: Page, button: Button) -> None:
        super().__init__(page)
        self._page, self._button = page, button
        self._job: UUID | None = None
        page.services.bridge.changed.connect(self._on_changes)

    def check(self, rows: Sequence[ServerRow]) -> None:
        """Ask the providers, and look at every server that lets us in."""
        submit = self._page.services.submit
        for account in {row.account_id for row in rows}:
            submit.request(AGENCY, RefreshInventory(account))
        seen = tuple(row.id for row in rows if row.can_be_sampled)
        self._button.setEnabled(False)
        self._button.setText(_("Checking..."))
        self._job = submit.ask(self, AGENCY, CheckServers(seen), self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        if error is not None:
            self._page.show_error(error)
            self._rest()
        else:
            self._ask()

    def _on_changes(self, topics: frozenset[str]) -> None:
        if self._job is not None and "jobs" in topics:
            self._ask()

    def _ask(self) -> None:
        services = self._page.services
        if self._job is not None:
            query = JobDetails(services.view.whole_scope(), self._job, services.installation.kinds)
            services.reader.ask(self, "check", query, self._show, self._failed)

    def _show(self, detail: JobDetail | None) -> None:
        if detail is None or detail.job.id != self._job or not is_ended(detail.job.state):
            return
        said = detail.steps[-1].note if detail.job.state == "succeeded" else detail.job.cause
        status = Status.OK if detail.job.state == "succeeded" else Status.WARNING
        self._rest()
        self._page.said.emit(Said(said or _("Nothing was checked."), status=status))

    def _failed(self, error: MailyardError) -> None:
        self._page.show_error(error)
        self._rest()

    def _rest(self) -> None:
        self._job = None
        self._button.setText(_("Check now"))
        self._button.setEnabled(True)
