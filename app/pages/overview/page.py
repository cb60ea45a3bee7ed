"""The Overview page: how the fleet stands above, what needs attention below, what ends and costs at the right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.pages.overview.cards import WIDE, CardColumns, Cards
from app.pages.overview.first_minute import FirstMinute
from app.pages.overview.fleet import CostPanel, EndingsPanel, FleetPanel
from app.pages.overview.needs import NeedsPanel
from app.pages.overview.news import NewsPanel
from app.shell.route import Route, Thing
from app.shell.window.page import Page
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.engine.queries import Jobs
from backend.features import FEATURES
from backend.overview.news import News, NewsRows
from backend.overview.queries import Overview, OverviewRows
from widgets import tokens
from widgets.band import belongs_to_demo
from widgets.banner import Banner
from widgets.button import Button

if TYPE_CHECKING:
    from app.shell.card import Card
    from app.shell.session.services import Services
    from backend.attention import Need
    from backend.core.errors import MailyardError

CARDS_EVERY = 12  # looks at the ages: a minute


class OverviewPage(Page):
    """What needs attention leads to the place that shows it; the demo is begun and removed here."""

    topics = FEATURES.topics

    def __init__(self, services: Services) -> None:
        super().__init__(services, _("Overview"))
        self.new = Button(_("New server"))
        self.new.clicked.connect(self._ask_for_server)
        self.remove = Button(_("Remove the demo"))
        self.remove.clicked.connect(self._ask_for_removal)
        self.header.add(self.remove, self.new)
        self.fleet, self.needs, self.news = FleetPanel(), NeedsPanel(), NewsPanel()
        self.needs.acted.connect(self._see_to)
        self.news.seen.connect(services.last_seen.dismiss)
        services.last_seen.changed.connect(self._ask_news)
        self.endings, self.cost, self.cards = EndingsPanel(), CostPanel(), Cards(services.reader, services)
        for asking in (self.fleet, self.cards, self.endings):
            asking.route_asked.connect(self.route_asked)
        self._looks = 0
        self.first = FirstMinute()
        self.first.demo_asked.connect(self._ask_for_demo)
        self.first.account_asked.connect(self._ask_for_account)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._whole())
        self._stack.addWidget(self.first)
        self.told = Banner()
        services.demo.started.connect(self._say_started)
        services.demo.failed.connect(self._say_failed)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.PANEL_GAP)
        column.addWidget(self.told)
        column.addWidget(self._stack, 1)
        self.add(body)

    def refresh(self) -> None:
        self._ask_overview()
        self.cards.ask(self.cards.all)

    def refresh_for(self, topics: frozenset[str]) -> None:
        if topics & FEATURES.topics:
            self._ask_overview()
        self.cards.ask(self.cards.concerned(topics))

    def take_cards(self, cards: tuple[Card, ...]) -> None:
        self.cards.build(cards)
        self.topics = FEATURES.topics | self.cards.topics
        for card in self.cards.wide:
            self._left.insertWidget(1, card, 1)
        self._aside.set_panels([*self.cards.narrow, self.cost, self.endings])

    def show_ages(self) -> None:
        self.cards.show_ages()
        self._looks += 1
        if self._looks % CARDS_EVERY == 0:  # figures grow older without a change that anybody announces
            self.cards.ask(self.cards.all)
        self.needs.show_ages()
        self.news.show_ages(datetime.now(UTC))
        self.fleet.show_ages()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.remove.setVisible(belongs_to_demo(self))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is much room, the list of needs does not want all of it."""
        super().resizeEvent(event)
        self._left.setStretch(0, 1 if event.size().width() >= WIDE else 2)

    def _say_started(self) -> None:
        title = _("The demo opens in a window of its own.")
        self.told.say(Status.OK, title, _("It has its own data; nothing here changes."))

    def _say_failed(self, error: MailyardError) -> None:
        self.told.clear()
        self.show_error(error)

    def _see_to(self, need: Need) -> None:
        self.route_asked.emit(Thing(need.kind, need.target))

    def _ask_for_server(self) -> None:
        self.route_asked.emit(Route("servers", command="new"))

    def _ask_for_account(self) -> None:
        self.route_asked.emit(Route("settings", command="add_account"))

    def _ask_for_demo(self) -> None:
        self.route_asked.emit(Route("overview", command="start_demo"))

    def _ask_for_removal(self) -> None:
        self.route_asked.emit(Route("overview", command="remove_demo"))

    @property
    def main_list(self) -> QWidget:
        return self.first if self.is_first_minute else self.needs

    @property
    def is_first_minute(self) -> bool:
        return self._stack.currentWidget() is self.first

    def _whole(self) -> QWidget:
        row = QHBoxLayout()
        row.setSpacing(tokens.PANEL_GAP)
        self._left, self._aside = QVBoxLayout(), CardColumns()
        self._left.setSpacing(tokens.PANEL_GAP)
        self._left.addWidget(self.needs, 2)
        self._left.addWidget(self.news)
        row.addLayout(self._left, 1)
        row.addWidget(self._aside)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.PANEL_GAP)
        column.addWidget(self.fleet)
        column.addLayout(row, 1)
        return whole

    def _ask_overview(self) -> None:
        jobs = Jobs(self.services.view.scope(), self.services.installation.kinds)
        self.ask("overview", Overview(jobs, self.services.installation.features), self._show)

    def _ask_news(self) -> None:
        """At the very first visit everything is new, so nothing is."""
        since = self.services.last_seen.since
        if since is not None:
            scope = self.services.view.scope()
            jobs, features = Jobs(scope, self.services.installation.kinds), self.services.installation.features
            self.ask("news", News(jobs, features, since), self._show_news)

    def _show_news(self, rows: NewsRows) -> None:
        self.news.show_news(rows, datetime.now(UTC))

    def _show(self, rows: OverviewRows) -> None:
        is_first = rows.is_first_minute and self.services.view.is_all
        self._stack.setCurrentIndex(1 if is_first else 0)
        self.header.note.setText(_("No server yet") if is_first else _counted(rows))
        self.new.setVisible(not is_first)
        self.needs.show_needs(rows.needs, self.has_place)
        for panel in (self.fleet, self.endings, self.cost):
            panel.show_rows(rows)
        self._aside.lay()
        self._ask_news()  # after the rows: alone, it would show a page on which nothing needs anybody


def _counted(rows: OverviewRows) -> str:
    servers = ngettext("{n} server", "{n} servers", rows.servers).format(n=words.number(rows.servers))
    accounts = ngettext("{n} account", "{n} accounts", rows.accounts).format(n=words.number(rows.accounts))
    return f"{servers}, {accounts}" if rows.accounts else servers
