"""The Overview page: how the fleet stands above, what needs a person below, what ends and costs at the right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.pages.overview.first_minute import FirstMinute
from app.pages.overview.fleet import CostPanel, EndingsPanel, FleetPanel, NotYetPanel, aside
from app.pages.overview.needs import NeedsPanel
from app.pages.overview.news import NewsPanel
from app.shell.page import Page
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.engine.queries import Jobs
from backend.overview.news import News, NewsRows
from backend.overview.queries import STATES, Overview, OverviewRows
from widgets import tokens
from widgets.band import belongs_to_demo
from widgets.button import Button
from widgets.notice import Notice

if TYPE_CHECKING:
    from app.shell.services import Services

ASIDE_WIDTH = 300


class OverviewPage(Page):
    """``need_chosen`` carries a need whose button was pressed; the window knows where it leads."""

    topics = frozenset(Overview.topics)
    need_chosen = Signal(object)
    new_server_asked = Signal()
    account_asked = Signal()
    demo_asked = Signal()
    removal_asked = Signal()

    def __init__(self, services: Services) -> None:
        super().__init__(services, _("Overview"))
        self.new = Button(_("New server"))
        self.new.clicked.connect(self.new_server_asked)
        self.remove = Button(_("Remove the demo"))
        self.remove.clicked.connect(self.removal_asked)
        self.header.add(self.remove, self.new)
        self.fleet, self.needs, self.news = FleetPanel(), NeedsPanel(), NewsPanel()
        self.needs.acted.connect(self.need_chosen)
        self.news.seen.connect(services.visit.dismiss)
        services.visit.changed.connect(self._ask_news)
        self.endings, self.cost, self.not_yet = EndingsPanel(), CostPanel(), NotYetPanel()
        self.first = FirstMinute()
        self.first.demo_asked.connect(self.demo_asked)
        self.first.account_asked.connect(self.account_asked)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._whole())
        self._stack.addWidget(self.first)
        self.told = Notice()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.PANEL_GAP)
        column.addWidget(self.told)
        column.addWidget(self._stack, 1)
        self.add(body)

    def refresh(self) -> None:
        view = self.services.view
        jobs = Jobs(view.scope(), self.services.installation.kinds, STATES)
        self.ask("overview", Overview(view.scope(), jobs), self._show)

    def show_ages(self) -> None:
        self.needs.show_ages()
        self.news.show_ages(datetime.now(UTC))
        self.fleet.show_ages()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.remove.setVisible(belongs_to_demo(self))

    def say_started(self) -> None:
        """The demo opens in a window of its own."""
        title = _("The demo opens in a window of its own.")
        self.told.say(Status.OK, title, _("It has its own data; nothing here changes."))

    @property
    def is_first_minute(self) -> bool:
        return self._stack.currentWidget() is self.first

    def _whole(self) -> QWidget:
        right = aside(self.cost, self.endings, self.not_yet)
        right.setFixedWidth(ASIDE_WIDTH)
        row = QHBoxLayout()
        row.setSpacing(tokens.PANEL_GAP)
        left = QVBoxLayout()
        left.setSpacing(tokens.PANEL_GAP)
        left.addWidget(self.needs, 1)
        left.addWidget(self.news)
        row.addLayout(left, 1)
        row.addWidget(right)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.PANEL_GAP)
        column.addWidget(self.fleet)
        column.addLayout(row, 1)
        return whole

    def _ask_news(self) -> None:
        """At the very first visit everything is new, so nothing is."""
        since = self.services.visit.since
        if since is not None:
            scope = self.services.view.scope()
            failed = Jobs(scope, self.services.installation.kinds, ("failed",))
            self.ask("news", News(scope, failed, since), self._show_news)

    def _show_news(self, rows: NewsRows) -> None:
        self.news.show_news(rows, datetime.now(UTC))

    def _show(self, rows: OverviewRows) -> None:
        is_first = rows.is_first_minute and self.services.view.is_all
        self._stack.setCurrentIndex(1 if is_first else 0)
        self.header.note.setText(_("No server yet") if is_first else _counted(rows))
        self.new.setVisible(not is_first)
        self.needs.show_needs(rows.needs)
        for panel in (self.fleet, self.endings, self.cost):
            panel.show_rows(rows)
        self._ask_news()  # after the rows: alone, it would show a page on which nothing needs anybody


def _counted(rows: OverviewRows) -> str:
    servers = ngettext("{n} server", "{n} servers", rows.servers).format(n=words.number(rows.servers))
    accounts = ngettext("{n} account", "{n} accounts", rows.accounts).format(n=words.number(rows.accounts))
    return f"{servers}, {accounts}" if rows.accounts else servers
