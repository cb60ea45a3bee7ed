"""The cards of the Overview: filled by themselves, each leads on, one in trouble leaves the others, none is empty."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QScrollBar, QWidget

from app.pages.activity.overview_card import TodayCard
from app.pages.costs.overview_card import SpendCard
from app.pages.mail.overview_card import MailCard
from app.pages.overview.cards import COLUMN, WIDE, CardColumns
from app.pages.servers.overview_cards import HottestCard, LoadCard
from app.places import PLACES
from app.shell.places import load
from app.shell.route import Route
from app.shell.window.overview_card import OverviewCard
from backend.accounts.owed import Owed
from backend.bootstrap import Installation
from backend.core.checks import Verdict
from backend.core.errors import StoreError
from backend.core.present.message import Message
from backend.core.present.status import Status
from backend.core.present.text import activate
from backend.fleet.checks import server_subject
from backend.fleet.verdicts import record_verdict
from backend.mail.health.checks import CONTAINERS, QUEUE
from backend.monitoring.fleet_load import fleet_sample, fleet_series
from backend.store.schema.resources import AccountCharge, AccountInvoice
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.sample_data.jobs import WAITING
from tests.sample_data.mail import CARRIERS, FULL, MAIN, NEARLY_FULL, add_mail, domain_id
from tests.sample_data.servers import ACCOUNT, CLIENTS, UNUSED, client_id, server_id, server_name
from widgets.table_dialog import TableDialog

BAR = 12  # of a column that scrolls


@pytest.fixture
def measured(fleet: Installation) -> Installation:
    """The fleet with a day of load, of which three hours were not observed, and a bill."""
    now = int(fleet.clock.now().timestamp())
    sample = fleet_sample([{"cpu": 10.0 * each, "memory": 40.0 + each, "disk": 50.0} for each in range(8)])
    moments = [now - 300 * at for at in range(288) if not 100 <= at < 136]
    fleet.metrics.add_many(ENGINE_SCOPE, [(fleet_series(AGENCY), at, sample) for at in moments])
    with fleet.store.write(ENGINE_SCOPE) as session:
        charge = AccountCharge(tenant_id=AGENCY, account_id=ACCOUNT, currency="USD", source="API", trouble="")
        charge.so_far_micro, charge.read_at = 9_000_000, fleet.clock.now()
        bill = AccountInvoice(tenant_id=AGENCY, account_id=ACCOUNT, number="1", currency="USD")
        bill.total_micro = 36_000_000
        session.add_all((charge, bill))
    return fleet


def card(person: Person, kind: type[Any]) -> Any:
    (found,) = (each for each in person.overview().cards.all if isinstance(each, kind))
    person.settle()
    return found


def values(shown: Any) -> dict[str, str]:
    return {row.fact.text: row.fact.value for row in shown.list.rows}


def test_the_day_of_all_servers_is_drawn_with_what_was_not_observed(measured: Installation, watcher: Person) -> None:
    shown = card(watcher, LoadCard)

    assert shown.isVisible()
    assert [plot.accessibleName() for plot in shown.plots.values()] == ["CPU", "Memory", "Disk"]
    cpu = shown.plots["cpu"]
    assert cpu.words == "p50 35 %, p95 66 %"
    (gap,) = cpu.data.gaps()
    assert 10_800 <= gap[1] - gap[0] <= 11_400
    assert measured.lock.is_held


def test_a_day_can_be_read_as_a_table(measured: Installation, watcher: Person) -> None:
    shown = card(watcher, LoadCard)

    shown.plots["memory"].table_asked.emit()

    dialog = watcher.dialog(TableDialog)
    assert dialog.windowTitle() == "Memory"
    assert len(dialog.table.records.rows) == len(shown.plots["memory"].data.times)
    dialog.reject()
    assert measured.lock.is_held


def test_a_tile_leads_to_the_servers_it_counts_and_an_empty_one_nowhere(watcher: Person) -> None:
    tiles = watcher.overview().fleet.tiles
    assert tiles[Status.CRITICAL].can_open
    assert tiles[Status.CRITICAL].cover.accessibleName() == "Show: 1 server"

    watcher.click(tiles[Status.CRITICAL].cover)
    watcher.settle()

    page = watcher.servers()
    assert page.chips.current == "needs"
    watcher.overview().route_asked.emit(Route("servers", item=server_id(8)))
    watcher.settle()
    assert page.chips.current == "all"
    assert page.detail.name.text() == server_name(8)


def test_the_hottest_lead_to_their_server(watcher: Person) -> None:
    shown = card(watcher, HottestCard)
    assert values(shown)[server_name(0)] == "Disk 91 %"
    assert len(shown.list.rows) == 5
    assert shown.list.rows[0].accessibleName() == f"Critical, {server_name(0)}, Disk 91 %"

    watcher.click(shown.list.rows[0])
    watcher.settle()

    assert watcher.window.stack.currentWidget() is watcher.servers()
    assert watcher.servers().detail.name.text() == server_name(0)


def test_the_jobs_of_the_day_lead_to_theirs(watcher: Person) -> None:
    shown = card(watcher, TodayCard)
    row = next(row for row in shown.list.rows if row.fact.key == WAITING)

    watcher.click(row)
    watcher.settle()

    assert watcher.window.stack.currentWidget() is watcher.window.pages["activity"]
    page = watcher.activity()
    watcher.wait(lambda: [row.id for row in (page.table.current(),) if row is not None] == [WAITING], "the job")


def test_what_an_account_spent_stands_beside_its_last_bill_and_leads_to_billing(
    measured: Installation, watcher: Person
) -> None:
    shown = card(watcher, SpendCard)
    (row,) = shown.list.rows
    assert (row.fact.text, row.fact.value, row.fact.share) == ("Main", "9.00 USD", 0.25)

    watcher.click(row)
    watcher.settle()

    assert watcher.window.stack.currentWidget() is watcher.window.pages["costs"]
    assert measured.lock.is_held


@pytest.fixture
def carried(fleet: Installation) -> Installation:
    """Mail on two servers, one of which is not well."""
    add_mail(fleet)
    now = fleet.clock.now()
    with fleet.store.write(ENGINE_SCOPE) as session:
        for number, check, verdict in (
            (CARRIERS[0], CONTAINERS, Verdict("ok")),
            (CARRIERS[1], CONTAINERS, Verdict("critical", Message("no container runs"))),
            (CARRIERS[1], QUEUE, Verdict("warning", Message("a message has waited for {hours} h", {"hours": 5}))),
        ):
            record_verdict(session, server_subject(server_id(number)), check, verdict, now)
    return fleet


def test_mail_servers_that_are_not_well_stand_first_then_mailboxes_that_are_nearly_full(
    carried: Installation, watcher: Person
) -> None:
    shown = card(watcher, MailCard)

    assert shown.note.text() == "5 domains, 37 mailboxes"
    assert [(row.fact.text, row.fact.value, row.fact.status) for row in shown.list.rows] == [
        (server_name(CARRIERS[1]), "Containers: no container runs", Status.CRITICAL),
        (f"{FULL}@{MAIN}", "100 %", Status.CRITICAL),
        (f"{NEARLY_FULL}@{MAIN}", "94 %", Status.WARNING),
        (server_name(CARRIERS[0]), "4 domains, 28 mailboxes", Status.OK),
    ]
    assert not shown.more.isVisible()
    watcher.click(shown.list.rows[2])
    watcher.settle()
    page: Any = watcher.window.pages["mail"]
    assert page.isVisible()
    assert page.table.current().id == domain_id(MAIN)
    watcher.click(card(watcher, MailCard).list.rows[0])
    watcher.settle()
    assert watcher.servers().detail.name.text() == server_name(CARRIERS[1])
    assert carried.lock.is_held


def test_a_client_is_shown_what_its_own_domains_have(carried: Installation, watcher: Person) -> None:
    watcher.overview()
    watcher.services.view.choose(client_id(CLIENTS[1]))
    watcher.settle()

    shown = card(watcher, MailCard)
    assert [row.fact.text for row in shown.list.rows] == [server_name(CARRIERS[1])]
    assert shown.note.text() == "1 domain, 9 mailboxes"
    assert carried.lock.is_held


def test_a_client_is_shown_its_own_and_no_account(measured: Installation, watcher: Person) -> None:
    watcher.overview()
    watcher.services.view.choose(client_id(CLIENTS[0]))
    watcher.settle()

    assert not card(watcher, SpendCard).isVisible()
    assert {row.fact.key for row in card(watcher, HottestCard).list.rows} == {server_id(0), server_id(6)}
    assert [row.fact.key for row in card(watcher, TodayCard).list.rows] == [WAITING]
    assert measured.lock.is_held


def test_what_has_nothing_to_say_takes_no_room(watcher: Person) -> None:
    page = watcher.overview()
    watcher.services.view.choose(client_id(UNUSED))
    watcher.settle()

    assert [each for each in page.cards.all if each.isVisible()] == []
    assert not page.endings.isVisible()
    assert not page.cost.isVisible()


def test_one_that_cannot_be_read_says_so_in_its_place_and_is_read_again(
    watcher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_query: Owed, _source: object) -> object:
        raise StoreError("The database is busy.", remedy="Wait.")

    page = watcher.overview()
    with monkeypatch.context() as patch:
        patch.setattr(Owed, "run", fails)
        page.refresh()
        shown = card(watcher, SpendCard)
        watcher.wait(shown.trouble.isVisible, "the trouble")
        assert shown.trouble.text() == "Could not be read: The database is busy."
        assert card(watcher, HottestCard).list.rows
        assert not page.banner.isVisible()
    page.refresh()
    watcher.settle()
    assert not shown.trouble.isVisible()


def test_a_change_is_read_by_the_cards_it_concerns_and_by_no_other(
    watcher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = watcher.overview()
    watcher.settle()
    read: list[str] = []
    ask = page.services.reader.ask

    def listen(owner: Any, about: str, *given: Any, **more: Any) -> None:
        if owner is page or isinstance(owner, OverviewCard):
            read.append(about if owner is page else owner.objectName())
        ask(owner, about, *given, **more)

    monkeypatch.setattr(page.services.reader, "ask", listen)
    bridge = page.services.bridge

    bridge.announce("charges")
    watcher.wait(lambda: "spend" in read, "what was spent")
    watcher.settle()
    assert read == ["spend"]

    watcher.servers()
    bridge.announce("charges")
    bridge.announce("jobs")
    watcher.wait(lambda: not bridge._topics, "the changes to be told")
    read.clear()
    watcher.overview()
    watcher.wait(lambda: "today" in read, "the jobs of the day")
    watcher.settle()
    assert set(read) == {"overview", "spend", "today"}


def test_a_wide_window_has_two_columns_and_a_narrow_one_a_single(measured: Installation, watcher: Person) -> None:
    page = watcher.overview()
    watcher.window.resize(1920, 1080)
    watcher.settle()
    places = {each.mapTo(page, each.rect().topLeft()).x() for each in page.cards.narrow if each.isVisible()}
    assert page.width() >= WIDE
    assert len(places) == 2

    watcher.window.resize(1024, 640)
    watcher.settle()
    places = {each.mapTo(page, each.rect().topLeft()).x() for each in page.cards.narrow if each.isVisible()}
    assert len(places) == 1
    assert measured.lock.is_held


class Block(OverviewCard):
    """As high as it was told; given much room it shows ``guest``."""

    def __init__(self, height: int, guest: OverviewCard | None = None) -> None:
        super().__init__("Block")
        self._height, self._guest = height, guest

    def sizeHint(self) -> QSize:
        return QSize(100, self._height)

    def give_room(self, *, is_much: bool) -> None:
        if self._guest is not None:
            self._guest.setVisible(is_much)


def test_a_card_that_shows_another_while_they_are_laid_leaves_all_where_they_belong(qtbot: Any) -> None:
    guest, last = Block(300), Block(50)
    host = Block(100, guest)
    page, columns = QWidget(), CardColumns()
    qtbot.addWidget(page)
    QHBoxLayout(page).addWidget(columns)
    page.resize(WIDE - 100, 600)
    guest.hide()
    columns.set_panels([host, guest, last])
    page.show()

    page.resize(WIDE + 100, 600)
    columns.lay()

    left, right = columns._columns
    qtbot.waitUntil(guest.isVisible)
    assert [left.indexOf(each) for each in (host, last)] == [0, 1]
    assert right.indexOf(guest) == 0


@pytest.mark.parametrize("size", [(1024, 640), (1366, 768), (1920, 1080)])
def test_nothing_scrolls_sideways(measured: Installation, watcher: Person, size: tuple[int, int]) -> None:
    page = watcher.overview()
    watcher.window.resize(*size)
    watcher.settle()

    bars = [bar for bar in page.findChildren(QScrollBar) if bar.isVisible() and bar.width() > bar.height()]
    assert bars == []
    assert all(each.width() <= page.width() for each in page.findChildren(OverviewCard))
    assert measured.lock.is_held


@pytest.mark.parametrize("language", ["en", "de", "qps-ploc"])
def test_no_card_wants_more_than_its_column(qtbot: Any, language: str) -> None:
    """Whatever the words: else it would be cut at the right, since nothing scrolls sideways."""
    activate(language)
    try:
        cards = [load(each.widget)() for each in PLACES.cards if not each.is_wide]
    finally:
        activate("en")
    for each in cards:
        qtbot.addWidget(each)
        assert each.minimumSizeHint().width() <= COLUMN - BAR, (each, language)
