"""A word of three hundred letters without a break widens nothing: no page, no dialog; and what is said can be read."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QWidget

from app.pages.servers.change_sheets import ResizeSheet, ReverseSheet
from app.pages.servers.compare_dialog import CompareDialog
from app.pages.servers.snapshot_sheets import TakeSheet
from app.pages.servers.wizard import NewServerWizard
from app.pages.settings.account_dialog import AccountDialog
from app.places import PLACES
from app.shell.route import Route
from app.shell.window.name_dialog import NameDialog
from backend.bootstrap import Installation
from backend.core.present.status import Status
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.sample_data.names import rename_everything
from tests.sample_data.servers import server_id
from widgets.band import ModeBand
from widgets.banner import Banner
from widgets.effect_rows import EffectLine, EffectRows
from widgets.form import Form
from widgets.label import Label
from widgets.plain_dialog import PlainDialog
from widgets.sheet import Sheet

LONG = "W" * 300
#: With short names pages ask for 1098 at most.
NARROWEST, WIDEST_DIALOG, WIDEST_PAGE = 420, 1040, 1150


@pytest.fixture
def reader(fleet: Installation, new_console: NewConsole) -> Person:
    """In front of a fleet in which every name is so long."""
    rename_everything(fleet, lambda text: text + LONG)
    return new_console()


def least(widget: QWidget) -> int:
    """The width below which it would not go."""
    widget.ensurePolished()
    layout = widget.layout()
    if layout is not None:
        layout.activate()
    return max(widget.minimumSizeHint().width(), layout.minimumSize().width() if layout is not None else 0)


def test_no_page_asks_for_more_than_with_short_names(reader: Person) -> None:
    wide = []
    reader.overview()
    page = reader.servers()
    page.choose(server_id(0))
    reader.settle()
    for tab in range(page.detail.tabs.count()):
        page.detail.tabs.setCurrentIndex(tab)
        reader.settle()
        wide.append((f"servers {tab}", least(reader.window)))
    page = reader.activity()
    for row in range(page.table.model().rowCount()):
        page.table.selectRow(row)
        reader.settle()
        wide.append((f"activity {row}", least(reader.window)))
    for part in PLACES["costs"].parts:
        reader.costs_part(part.key)
        wide.append((f"costs {part.key}", least(reader.window)))
    reader.workspaces()
    wide.append(("workspaces", least(reader.window)))
    settings = reader.settings()
    for row in range(settings.list.count()):
        settings.list.setCurrentRow(row)
        reader.settle()
        wide.append((f"settings {row}", least(reader.window)))

    assert [(place, width) for place, width in wide if width > WIDEST_PAGE] == []


def test_a_name_that_is_refused_leaves_the_new_server_as_wide_as_it_was(watcher: Person) -> None:
    watcher.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    wizard = watcher.dialog(NewServerWizard)
    watcher.settle()
    before = wizard.width()

    watcher.enter(wizard.name, LONG)
    QTest.keyClick(wizard.name, Qt.Key.Key_Tab)
    watcher.rest()

    assert LONG.lower() in wizard.form.error("name")
    assert wizard.width() == before
    shown = [label for label in wizard.form.findChildren(QLabel) if label.isVisible()]
    assert shown
    assert all(label.width() <= wizard.form.width() for label in shown)


def open_act(person: Person, act: str) -> None:
    page = person.servers()
    page.choose(server_id(0))
    person.settle()
    page.acts[act].trigger()


def take_snapshot(person: Person) -> None:
    page = person.servers()
    page.choose(server_id(0))
    for tab in range(page.detail.tabs.count()):
        page.detail.tabs.setCurrentIndex(tab)
        person.settle()
    page.detail.snapshots._take()


def compare(person: Person) -> None:
    person.window.go(Route("servers", command="new"))
    wizard = person.dialog(NewServerWizard)
    person.settle()
    person.click(wizard.compare)


OPENED: dict[type[QDialog], Any] = {
    NewServerWizard: lambda person: person.window.go(Route("servers", command="new")),
    CompareDialog: compare,
    AccountDialog: lambda person: person.window.go(Route("settings", command="add_account")),
    ResizeSheet: lambda person: open_act(person, "resize"),
    ReverseSheet: lambda person: open_act(person, "reverse"),
    Sheet: lambda person: open_act(person, "reboot"),
    TakeSheet: take_snapshot,
}


@pytest.mark.parametrize("kind", OPENED)
def test_no_dialog_asks_for_more_than_its_width(reader: Person, kind: type[QDialog]) -> None:
    OPENED[kind](reader)
    dialog = reader.dialog(kind)
    before = dialog.width()
    reader.settle()
    reader.rest()

    assert dialog.width() == before
    assert least(dialog) <= before
    assert before <= WIDEST_DIALOG


def a_form(_asker: QWidget) -> QWidget:
    form, box = Form(), QComboBox()
    box.addItem(LONG, "long")
    form.add("account", "Account", box, note=LONG)
    form.show_error("account", LONG)
    return form


def an_effect(_asker: QWidget) -> QWidget:
    rows = EffectRows()
    rows.set_lines([EffectLine("Server", LONG, LONG, Status.WARNING), EffectLine("Name", LONG)])
    return rows


def a_notice(_asker: QWidget) -> QWidget:
    banner = Banner()
    banner.say(Status.CRITICAL, LONG, LONG)
    return banner


def a_dialog(asker: QWidget) -> QWidget:
    return PlainDialog(f"New token for {LONG}", (400, 300), asker)


MADE = [
    a_form,
    an_effect,
    a_notice,
    a_dialog,
    lambda _asker: Label(LONG, wraps=True),
    lambda _asker: Label(LONG),
    lambda _asker: Label(LONG, selectable=True, wraps=True),
    lambda _asker: ModeBand(LONG),
    lambda asker: NameDialog("Name", "Save", asker, text=LONG, most=20, wrong=LONG),
]


@pytest.mark.parametrize("make", MADE)
def test_no_part_of_a_dialog_asks_for_more_than_the_narrowest(qtbot: Any, make: Any) -> None:
    asker = QWidget()
    qtbot.addWidget(asker)
    widget = make(asker)
    qtbot.addWidget(widget)

    assert least(widget) <= NARROWEST


def test_a_word_is_broken_where_it_must_be_and_read_out_whole(qtbot: Any) -> None:
    label = Label(LONG, wraps=True)
    qtbot.addWidget(label)

    assert label.text() == label.accessibleName() == LONG
    assert label.heightForWidth(200) > 5 * label.fontMetrics().height()
    label.setText("mx1 is not a full host name.")
    assert (label.text(), label.accessibleName()) == ("mx1 is not a full host name.", "")


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("mx2.bluebird-books.example", ["mx2.", "bluebird-", "books.", "example"]),
        ("correspondencedivision.example.org", ["correspo", "ndencedivision.", "example.", "org"]),
        ("https://api.example.org/v2/droplets?page=2", ["https://", "api.", "example.", "org/", "v2/", "droplets?"]),
        ("m" * 40, ["m" * 8, "m" * 8, "m" * 8, "m" * 16]),
        ("-" * 40, ["-" * 8] * 5),
    ],
)
def test_a_word_is_broken_after_what_divides_it(qtbot: Any, word: str, pieces: list[str]) -> None:
    label = Label(word, wraps=True)
    qtbot.addWidget(label)

    assert QLabel.text(label).split("\u200b")[: len(pieces)] == pieces


def test_a_name_the_owner_gave_stays(qtbot: Any) -> None:
    label = Label("", wraps=True)
    qtbot.addWidget(label)
    label.setAccessibleName("Server")
    label.setText(LONG)

    assert label.accessibleName() == "Server"
