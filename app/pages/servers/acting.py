"""Carries out what was asked of servers: the sheet, the requests, and what became of them, said where the person is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence, QShortcut

from app.pages.servers.act_menu import ActMenu
from app.pages.servers.acts import ACTS, BY_KEY, Act, why_none
from app.pages.servers.operations import BulkOperation, ServerOperation
from app.shell.route import Route
from app.shell.window.said import Said
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.servers.requests import MaintainServer
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from app.shell.window.asking_sheet import AskingSheet
    from app.shell.window.page import Page
    from backend.core.errors import MailyardError
    from backend.engine.payload import Request
    from backend.mail.adopt.finding import MailFound
    from backend.servers.queries import ServerRow

    Rows = Callable[[], Sequence[ServerRow]]

Operation = ServerOperation | BulkOperation


class ServerActing(QObject):
    """Owned by the page; lives in the GUI thread. ``chosen`` answers which servers an act is for, ``under_menu`` which
    ones the menu is for that opens now.

    ``began`` carries the ids of the jobs that were asked for together: those the engine took, once all are answered.
    """

    began = Signal(object)

    def __init__(self, page: Page, chosen: Rows, under_menu: Callable[[], Rows]) -> None:
        super().__init__(page)
        self._page = page
        self._chosen, self._under_menu = chosen, under_menu
        self._menu_rows = chosen
        self._asked: Operation | None = None
        self._act: Act | None = None
        self._names: tuple[str, ...] = ()
        self.menu = ActMenu(page)
        self.menu.asked.connect(self._ask_by_menu)
        self.menu.aboutToShow.connect(self._open_menu)
        self._keys: list[QShortcut] = []
        for act in ACTS:
            if act.shortcut:
                key = QShortcut(QKeySequence(act.shortcut), page)
                key.setObjectName(act.key)
                key.activated.connect(self._pressed)
                self._keys.append(key)

    def show_chosen(self) -> None:
        """Bring the menu to what is chosen now."""
        self._bring_menu(self._chosen)

    def ask(self, key: str) -> None:
        """Begin an act on what is chosen."""
        self.ask_of(key, self._chosen())

    def ask_of(self, key: str, of: Sequence[ServerRow]) -> None:
        """Begin an act on these servers; where it does not fit, say why."""
        rows, act = list(of), BY_KEY[key]
        reason = why_none(act, rows)
        if reason:
            words_said = _("{act}: {reason}").format(act=_(act.word), reason=reason)
            self._page.said.emit(Said(words_said, status=Status.UNKNOWN))
        elif not act.asks:
            self._at_once(act, rows)
        elif act.key == "install_mail":
            self._install_mail(act, rows[0])
        elif len(rows) == 1:
            from app.pages.servers.act_sheets import operation_for

            self.begin(operation_for(self._page.services, rows[0], key, self._page), act, rows)
        else:
            from app.pages.servers.bulk_sheets import bulk_operation

            fitting = [row for row in rows if not act.why_not(row)]
            self.begin(bulk_operation(rows, key, self._page), act, fitting)

    def begin(self, operation: Operation, act: Act | None = None, rows: Sequence[ServerRow] = ()) -> None:
        """Show the sheet; what was agreed to is requested."""
        self._asked, self._act, self._names = operation, act, tuple(row.name for row in rows)
        operation.sheet.agreed.connect(self._agree)
        operation.sheet.open()

    def _open_menu(self) -> None:
        self._bring_menu(self._under_menu())

    def _bring_menu(self, rows: Rows) -> None:
        self._menu_rows = rows
        self.menu.show_rows(rows())

    def _ask_by_menu(self, key: str) -> None:
        self.ask_of(key, self._menu_rows())

    def _pressed(self) -> None:
        self.ask(self.sender().objectName())

    def _install_mail(self, act: Act, row: ServerRow) -> None:
        """Its sheet asks by itself: it may have a password to seal first."""
        from app.pages.servers.mail_sheet import InstallMailSheet

        self._open(InstallMailSheet(self._page.services, row, self._page), _(act.word), row)

    def upgrade_mail(self, row: ServerRow) -> None:
        from app.pages.servers.upgrade_sheet import UpgradeMailSheet

        self._open(UpgradeMailSheet(self._page.services, row, self._page), _("Upgrade the mail server"), row)

    def adopt_mail(self, row: ServerRow, found: MailFound) -> None:
        """Ask whether the Mailu that was found there is to be taken over, and how."""
        from app.pages.servers.adopt_sheet import AdoptMailSheet

        self._open(AdoptMailSheet(self._page.services, row, found, self._page), _("Adopt the mail server"), row)

    def _open(self, sheet: AskingSheet, title: str, row: ServerRow) -> None:
        sheet.taken.connect(partial(self._taken, title, row.name))
        sheet.open()

    def _taken(self, title: str, name: str, jobs: tuple[UUID, ...]) -> None:
        said = _("{act} requested: {servers}").format(act=title, servers=name)
        self._page.said.emit(Said(said, Route("activity", item=jobs[0])))
        self.began.emit(jobs)

    def _at_once(self, act: Act, rows: Sequence[ServerRow]) -> None:
        if act.key in ("ssh", "copy_ssh"):
            from app.pages.servers.ssh_access import SshAccess

            access = SshAccess(self._page)
            access.open(rows[0]) if act.key == "ssh" else access.copy(rows[0])
            return
        ending = [row for row in rows if row.maintenance_until is not None]
        undone = [MaintainServer(row.id, row.maintenance_until) for row in ending]
        said = _("Maintenance of {servers} ended").format(servers=_named([row.name for row in ending]))
        self._send([MaintainServer(row.id) for row in ending], said, undone)

    def _agree(self) -> None:
        asked = self._asked
        if asked is None:
            return
        requests = list(asked.requests())
        if words_said := asked.said():
            self._send(requests, words_said, list(asked.undone()))
            return
        title = _(self._act.word) if self._act is not None else asked.sheet.windowTitle()
        named = _named(self._names)
        said = _("{act} requested: {servers}").format(act=title, servers=named) if named else title
        self._send(requests, said, (), is_job=True)

    def _send(self, requests: Sequence[Request], said: str, undone: Sequence[Request], *, is_job: bool = False) -> None:
        """Said once, when the engine answered all of them; each that it refused is told on the page."""
        batch = _Batch(said, tuple(undone), is_job, len(requests))
        for at, request in enumerate(requests):
            settled = partial(self._settled, batch, at)
            batch.ids.append(self._page.services.submit.ask(self, AGENCY, request, settled))

    def _settled(self, batch: _Batch, at: int, error: MailyardError | None) -> None:
        batch.open -= 1
        if error is not None:
            batch.refused.add(at)
            self._page.show_error(error)
        taken = batch.taken
        if batch.open or not taken:
            return
        undo = partial(self._send, batch.undone, _("Undone"), ()) if batch.undone else None
        route = Route("activity", item=taken[0] if len(batch.ids) == 1 else None) if batch.is_job else None
        self._page.said.emit(Said(batch.said, route, undo))
        if batch.is_job:
            self.began.emit(taken)


class _Batch:
    """Requests that were made together; ``open`` counts those without an answer, ``refused`` holds places."""

    def __init__(self, said: str, undone: tuple[Request, ...], is_job: bool, count: int) -> None:
        self.said, self.undone, self.is_job, self.open = said, undone, is_job, count
        self.refused: set[int] = set()
        self.ids: list[UUID] = []

    @property
    def taken(self) -> tuple[UUID, ...]:
        return tuple(each for at, each in enumerate(self.ids) if at not in self.refused)


def _named(names: Sequence[str]) -> str:
    if len(names) <= 1:
        return "".join(names)
    return ngettext("{n} server", "{n} servers", len(names)).format(n=words.number(len(names)))
