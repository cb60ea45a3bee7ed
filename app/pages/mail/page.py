"""The Mail page: domains at the left, the chosen one in the middle, the chosen mailbox at the right."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QWidget

from app.pages.mail.acting import MailActing
from app.pages.mail.acts import ACTS, why_none
from app.pages.mail.columns import domain_columns
from app.pages.mail.domain_panel import MAILBOXES, DomainPanel
from app.pages.mail.figures import count_domains, count_mailboxes
from app.pages.mail.mailbox_panel import MailboxPanel
from app.shell.route import Route
from app.shell.window.page import Page, PageCommand
from app.shell.window.page_keys import PageKeys
from backend.core.present import format as words
from backend.core.present.text import _, ngettext
from backend.engine.job_filter import Which
from backend.engine.queries import Jobs
from backend.mail.queries import (
    Aliases,
    AliasRow,
    DomainRow,
    Domains,
    Mailboxes,
    MailboxRow,
    MailServerRow,
    MailServers,
)
from backend.mail.relay_queries import RelayRow, Relays
from backend.mail.token_queries import AppTokenRow, AppTokens
from backend.store.changes import AGES
from widgets import tokens
from widgets.button import Button
from widgets.empty_state import EmptyState
from widgets.panel import Panel
from widgets.record_table import RecordTable
from widgets.search_field import SearchField

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.session.services import Services

SIZES = (222, 590, 330)


class MailPage(Page):
    """What is asked of a mail server becomes a job that Activity shows; the lists follow what it reads back."""

    topics = frozenset({*Domains.topics, "jobs"})

    def __init__(self, services: Services) -> None:
        super().__init__(services, _("Mail"))
        self._servers: dict[UUID, MailServerRow] = {}
        self._domains: tuple[DomainRow, ...] | None = None
        self._shown: UUID | None = None
        self._tokens: tuple[AppTokenRow, ...] = ()
        self.add_domain = Button(_("Add domain"))
        self.add_domain.clicked.connect(self._ask_for_domain)
        self.bring = Button(_("Import..."))
        self.bring.setProperty("key", "import")
        self.new = Button(_("New mailbox"), "primary")
        self.new.setProperty("key", "new")
        for button in (self.bring, self.new):
            button.clicked.connect(self._pressed)
        self.header.add(self.add_domain, self.bring, self.new)
        self.table: RecordTable[DomainRow] = RecordTable(
            domain_columns(), lambda row: row.id, _("Domains"), picks_one=True
        )
        self.table.chosen.connect(self._choose)
        self.table.opened.connect(self._enter)
        self.domain, self.mailbox = DomainPanel(), MailboxPanel()
        self.acting = MailActing(self, self.domain, self._server_of)
        self.acting.began.connect(self._follow)
        self.domain.together.open_asked.connect(self._open_jobs)
        self.domain.mailboxes.table.chosen.connect(self._choose_mailbox)
        self.domain.mailboxes.asked.connect(self.acting.ask)
        self.mailbox.asked.connect(self.acting.ask)
        self.mailbox.tokens.asked.connect(self._ask_of_token)
        self.domain.aliases.asked.connect(self._ask_of_alias)
        self.domain.relays.asked.connect(self._ask_of_relay)
        self.domain.domain.asked.connect(self.acting.ask_of_domain)
        self.domain.read.clicked.connect(self.acting.read)
        self.domain.tabs.currentChanged.connect(self._turn)
        self.empty = EmptyState("", "", _("Go to Servers"))
        self.empty.acted.connect(self._leave_empty)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._split())
        self._stack.addWidget(self.empty)
        self.add(self._stack)

    def refresh(self) -> None:
        """Servers first: how a domain's mail leaves is told of its server, which is not always one of the client's."""
        scope = self.services.view.scope()
        self.ask("servers", MailServers(self.services.view.whole_scope()), self._show_servers)
        self.ask("domains", Domains(scope), self._show_domains)
        self._read_domain()
        self._read_jobs()

    def refresh_for(self, topics: frozenset[str]) -> None:
        """Jobs of others come and go all the time: only those asked for here are looked at."""
        if topics - {"jobs"} & self.topics:
            self.refresh()
        else:
            self._read_jobs()

    def show_route(self, route: Route) -> None:
        if route.item is not None:
            self.filter.clear()
            self.table.choose(route.item)

    def commands(self) -> Sequence[PageCommand]:
        rows, domain = self.domain.mailboxes.chosen(), self.domain.row
        if domain is None or self._stack.currentIndex():
            return ()
        named = rows[0].address if len(rows) == 1 else domain.name
        return [
            PageCommand(
                act.key,
                _("{act}: {name}").format(act=_(act.word), name=domain.name if act.of_domain else named),
                act.shortcut,
                partial(self.acting.ask, act.key),
            )
            for act in ACTS
            if not why_none(act, rows)
        ]

    def show_ages(self) -> None:
        self.domain.show_age()

    def _on_changes(self, topics: frozenset[str]) -> None:
        """When a server was read with nothing new, its age alone is."""
        super()._on_changes(topics | {"mail"} if AGES in topics else topics)

    def _split(self) -> QWidget:
        panel = Panel()
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(tokens.PANEL_PADDING, 7, tokens.PANEL_PADDING, 7)
        self.filter = SearchField(_("Filter"))
        self.filter.setAccessibleName(_("Filter domains"))
        self.filter.textChanged.connect(self.table.set_filter)
        row.addWidget(self.filter, 1)
        panel.body.setSpacing(0)
        panel.body.addWidget(bar)
        self.table.horizontalHeader().hide()
        panel.body.addWidget(self.table, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        for at, part in enumerate((panel, self.domain, self.mailbox)):
            split.addWidget(part)
            split.setStretchFactor(at, int(part is self.domain))
        split.setChildrenCollapsible(False)
        split.setHandleWidth(tokens.PANEL_GAP)
        split.setSizes(SIZES)
        self.remember("mailboxes", self.domain.mailboxes.table)
        self.remember("aliases", self.domain.aliases.table)
        self.remember("relays", self.domain.relays.table)
        self.remember_split("mail", split)
        tables: list[RecordTable[Any]] = [
            part.table for part in (self.domain.mailboxes, self.domain.aliases, self.domain.relays)
        ]
        self.keys = PageKeys(self, tables, self.domain.mailboxes.filter, self.mailbox, self.mailbox.tabs)
        return split

    def _show_servers(self, rows: tuple[MailServerRow, ...]) -> None:
        self._servers = {row.server_id: row for row in rows}
        self._show_counts()
        self._choose(self.table.current())

    def _show_domains(self, rows: tuple[DomainRow, ...]) -> None:
        if rows != self._domains:
            self._domains = rows
            self.table.set_rows(rows)
        if rows and self.table.current() is None:
            self.table.selectRow(0)
        self._show_counts()
        self._choose(self.table.current())

    def _show_counts(self) -> None:
        rows = self._domains or ()
        self._stack.setCurrentIndex(0 if rows else 1)
        for button in (self.new, self.bring, self.add_domain):
            button.setVisible(bool(rows))
        self.header.note.setText(_counted(rows))
        self._say_empty()

    def _say_empty(self) -> None:
        if self._servers:
            self.empty.say(_("No domains yet"), _("A mail server is there: add the first domain to it."))
            self.empty.action.setText(_("Add domain"))
        else:
            self.empty.say(
                _("No mail server yet"), _("Install one on a ready server: Servers, Install the mail server.")
            )
            self.empty.action.setText(_("Go to Servers"))

    def _choose(self, row: DomainRow | None) -> None:
        if row is None:
            return
        is_other = row.id != self._shown
        self._shown = row.id
        self.domain.show_domain(row, self._server_of(row))
        if is_other:
            self.domain.show_mailboxes(())
            self.domain.show_aliases(())
            self.domain.show_relays(())
            self._read_domain()

    def _read_domain(self) -> None:
        row = self.domain.row
        if row is not None:
            scope = self.services.view.scope()
            self.ask("mailboxes", Mailboxes(scope, row.name), partial(self._show_mailboxes, row.id))
            self.ask("tokens", AppTokens(scope, row.name), partial(self._show_tokens, row.id))
            self.ask("aliases", Aliases(scope, row.name), partial(self._show_aliases, row.id))
            self.ask("relays", Relays(scope, row.server_id), partial(self._show_relays, row.id))

    def _follow(self, jobs: tuple[UUID, ...]) -> None:
        self.domain.together.follow(jobs)
        self._read_jobs()

    def _read_jobs(self) -> None:
        jobs = self.domain.together.jobs
        if jobs:
            scope, kinds = self.services.view.whole_scope(), self.services.installation.kinds
            query = Jobs(scope, kinds, which=Which(ids=jobs), limit=len(jobs))
            self.ask("jobs", query, self.domain.together.show_jobs)

    def _open_jobs(self) -> None:
        jobs = self.domain.together.jobs
        self.route_asked.emit(Route("activity", item=jobs[0] if len(jobs) == 1 else None))

    def _show_mailboxes(self, domain: UUID, rows: tuple[MailboxRow, ...]) -> None:
        """Late ones are of a domain that was left."""
        if domain == self._shown:
            self.domain.show_mailboxes(rows)
            self._choose_mailbox(self.domain.mailboxes.table.current())

    def _show_tokens(self, domain: UUID, rows: tuple[AppTokenRow, ...]) -> None:
        if domain == self._shown:
            self._tokens = rows
            self.mailbox.show_tokens(rows)

    def _show_aliases(self, domain: UUID, rows: tuple[AliasRow, ...]) -> None:
        if domain == self._shown:
            self.domain.show_aliases(rows)

    def _show_relays(self, domain: UUID, rows: tuple[RelayRow, ...]) -> None:
        if domain == self._shown:
            self.domain.show_relays(rows)

    def _choose_mailbox(self, row: MailboxRow | None) -> None:
        self.mailbox.show_mailbox(row, self.domain.row)
        self.mailbox.show_tokens(self._tokens)

    def _turn(self, tab: int) -> None:
        """A mailbox stands beside the mailboxes alone."""
        self.mailbox.setVisible(tab == MAILBOXES)

    def _enter(self, _row: object) -> None:
        """Return on a domain leads to what is in it."""
        if self.keys is not None:
            self.keys.take_keyboard()

    def _server_of(self, row: DomainRow) -> MailServerRow | None:
        return self._servers.get(row.server_id)

    def _ask_of_alias(self, key: str) -> None:
        self.acting.ask_of_alias(key, self.domain.aliases.table.current())

    def _ask_of_token(self, key: str) -> None:
        self.acting.ask_of_token(key, self.mailbox.tokens.table.current())

    def _ask_of_relay(self, key: str) -> None:
        self.acting.ask_of_relay(key, self.domain.relays.table.current())

    def _ask_for_domain(self) -> None:
        self.route_asked.emit(Route("mail", command="add_domain"))

    def _leave_empty(self) -> None:
        if self._servers:
            self._ask_for_domain()
        else:
            self.route_asked.emit(Route("servers"))

    def _pressed(self) -> None:
        self.acting.ask(str(self.sender().property("key")))


def _counted(rows: Sequence[DomainRow]) -> str:
    """'8 domains on 2 servers, 61 mailboxes'."""
    if not rows:
        return ""
    count = len({row.server_id for row in rows})
    return _("{domains} on {servers}, {mailboxes}").format(
        domains=count_domains(len(rows)),
        servers=ngettext("{n} server", "{n} servers", count).format(n=words.number(count)),
        mailboxes=count_mailboxes(sum(row.mailboxes for row in rows)),
    )
