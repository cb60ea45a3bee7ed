"""Carries out what was asked of mailboxes, aliases and domains: the sheet, and what became of it, said on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence, QShortcut

from app.pages.mail.acts import ACTS, BY_KEY, why_none
from app.shell.route import Route
from app.shell.window.said import Said
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.mail.requests import ReadMail
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.pages.mail.domain_panel import DomainPanel
    from app.pages.mail.import_sheet import ImportSheet
    from app.pages.mail.password_sheets import PasswordSheet
    from app.shell.session.services import Services
    from app.shell.window.asking_sheet import AskingSheet
    from app.shell.window.page import Page
    from backend.mail.queries import AliasRow, DomainRow, MailboxRow, MailServerRow
    from backend.mail.relay_queries import RelayRow
    from backend.mail.token_queries import AppTokenRow

    Make = Callable[[DomainRow, Sequence[MailboxRow]], AskingSheet]


class MailActing(QObject):
    """Owned by the page; lives in the GUI thread. ``panel`` has what acts are for, ``server`` finds a domain's.

    ``began`` carries the ids of the jobs that were asked for together.
    """

    began = Signal(object)

    def __init__(self, page: Page, panel: DomainPanel, server: Callable[[DomainRow], MailServerRow | None]) -> None:
        super().__init__(page)
        self._page, self._panel, self._server = page, panel, server
        self._keys: list[QShortcut] = []
        for act in ACTS:
            if act.shortcut:
                key = QShortcut(QKeySequence(act.shortcut), page)
                key.setObjectName(act.key)
                key.activated.connect(self._pressed)
                self._keys.append(key)

    def ask(self, key: str) -> None:
        """Begin an act on what is chosen; where it does not fit, say why."""
        domain, rows, act = self._panel.row, list(self._panel.mailboxes.chosen()), BY_KEY[key]
        reason = _("no domain is selected") if domain is None else why_none(act, rows)
        if domain is None or reason:
            said = _("{act}: {reason}").format(act=_(act.word), reason=reason)
            self._page.said.emit(Said(said, status=Status.UNKNOWN))
            return
        fitting = [row for row in rows if not act.why_not(row)]
        if key == "hand_over":
            self._hand_over(domain, fitting)
        elif key == "new_token":
            self._new_token(domain, fitting[0])
        elif key in ("new", "password", "import"):
            sheet = self._password_sheet(key, domain, fitting)
            sheet.taken.connect(self._show_logins)
            self._open(sheet, _(act.word))
        else:
            self._open(_makers(self._page)[key](domain, fitting), _(act.word))

    def ask_of_alias(self, key: str, row: AliasRow | None) -> None:
        """``key`` as :mod:`app.pages.mail.entries_part` has it."""
        from app.pages.mail.alias_sheets import AliasSheet, RemoveAliasSheet

        domain = self._panel.row
        if domain is None:
            return
        if key == "delete" and row is not None:
            self._open(RemoveAliasSheet(self._page.services, domain, row, self._page), _("Delete alias"))
        else:
            at = row if key == "change" else None
            self._open(AliasSheet(self._page.services, domain, at, self._page), _("Set alias"))

    def ask_of_relay(self, key: str, row: RelayRow | None) -> None:
        """``key`` as :mod:`app.pages.mail.entries_part` has it."""
        from app.pages.mail.relay_sheets import RelaySheet, RemoveRelaySheet

        domain = self._panel.row
        if domain is None:
            return
        if key == "delete" and row is not None:
            self._open(RemoveRelaySheet(self._page.services, row, self._page), _("Delete relay"))
        else:
            at, act = (row, _("Change relay")) if key == "change" else (None, _("Add relay"))
            self._open(RelaySheet(self._page.services, domain, at, self._page), act)

    def ask_of_token(self, key: str, row: AppTokenRow | None) -> None:
        """``key`` as :mod:`app.pages.mail.tokens_part` has it: a new one, and all of them, are acts on the mailbox."""
        from app.pages.mail.token_sheets import RemoveTokenSheet

        domain, acts = self._panel.row, {"new": "new_token", "all": "tokens"}
        if key in acts:
            self.ask(acts[key])
        elif domain is not None and row is not None:
            self._open(RemoveTokenSheet(self._page.services, domain, row, self._page), _("Delete app token"))

    def ask_of_domain(self, key: str) -> None:
        """``key`` as :mod:`app.pages.mail.domain_part` has it."""
        from app.pages.mail import domain_sheets as sheets

        kinds: Mapping[str, Callable[[Services, DomainRow, QWidget], sheets.DomainSheet]] = {
            "limits": sheets.LimitsSheet,
            "names": sheets.AlternativesSheet,
            "managers": sheets.ManagersSheet,
            "remove": sheets.RemoveDomainSheet,
        }
        domain = self._panel.row
        if domain is not None:
            sheet = kinds[key](self._page.services, domain, self._page)
            self._open(sheet, sheet.windowTitle())

    def read(self) -> None:
        """Ask the domain's mail server again what it has."""
        domain = self._panel.row
        if domain is not None:
            self._page.services.submit.request(AGENCY, ReadMail(domain.server_id))

    def _password_sheet(self, key: str, domain: DomainRow, rows: Sequence[MailboxRow]) -> PasswordSheet | ImportSheet:
        from app.pages.mail.import_sheet import ImportSheet
        from app.pages.mail.password_sheets import NewMailboxSheet, ResetPasswordSheet

        services = self._page.services
        if key == "import":
            return ImportSheet(services, domain, self._panel.addresses, self._page)
        if key == "new":
            return NewMailboxSheet(services, domain, self._page)
        return ResetPasswordSheet(services, domain, rows, self._page)

    def _pressed(self) -> None:
        self.ask(self.sender().objectName())

    def _open(self, sheet: AskingSheet, act: str) -> None:
        sheet.taken.connect(partial(self._taken, act))
        sheet.refused.connect(self._page.show_error)
        sheet.open()

    def _taken(self, act: str, jobs: tuple[UUID, ...]) -> None:
        route = Route("activity", item=jobs[0] if len(jobs) == 1 else None)
        self._page.said.emit(Said(_("Requested: {act}").format(act=act), route))
        self.began.emit(jobs)

    def _show_logins(self, jobs: tuple[UUID, ...]) -> None:
        """Of the sheet that has just closed."""
        from app.pages.mail.hand_over import HandOverSheet
        from app.pages.mail.import_sheet import ImportSheet
        from app.pages.mail.password_sheets import PasswordSheet

        sheet = self.sender()
        if not isinstance(sheet, PasswordSheet | ImportSheet):
            return
        HandOverSheet(self._page.services, sheet.logins, self._server(sheet.domain), self._page, jobs=jobs).open()

    def _new_token(self, domain: DomainRow, row: MailboxRow) -> None:
        from app.pages.mail.token_sheets import NewTokenSheet

        sheet = NewTokenSheet(self._page.services, domain, row, self._page)
        sheet.taken.connect(self._show_token)
        self._open(sheet, _("New app token"))

    def _show_token(self, jobs: tuple[UUID, ...]) -> None:
        """Of the sheet that has just closed."""
        from app.pages.mail.token_hand_over import TokenHandOver
        from app.pages.mail.token_sheets import NewTokenSheet

        sheet = self.sender()
        if isinstance(sheet, NewTokenSheet):
            server = self._server(sheet.domain)
            TokenHandOver(self._page.services, sheet.row.address, sheet.key, server, self._page, job=jobs[0]).open()

    def _hand_over(self, domain: DomainRow, rows: Sequence[MailboxRow]) -> None:
        from app.pages.mail.hand_over import HandOverSheet, Login

        HandOverSheet(self._page.services, [Login(rows[0].address)], self._server(domain), self._page).open()


def _makers(page: Page) -> Mapping[str, Make]:
    """How the sheet of each act is made; imported when one is asked for."""
    from app.pages.mail import mailbox_sheets as sheets

    def made(kind: Callable[[Services, DomainRow, Sequence[MailboxRow], QWidget], AskingSheet]) -> Make:
        return lambda domain, rows: kind(page.services, domain, rows, page)

    def switched(*, is_enabled: bool) -> Make:
        return lambda domain, rows: sheets.SuspendSheet(page.services, domain, rows, page, is_enabled=is_enabled)

    return {
        "change": made(sheets.ChangeSheet),
        "forward": made(sheets.ForwardSheet),
        "reply": made(sheets.ReplySheet),
        "delete": made(sheets.DeleteSheet),
        "tokens": made(sheets.EndTokensSheet),
        "suspend": switched(is_enabled=False),
        "resume": switched(is_enabled=True),
    }
