"""Names that look like markup are shown as typed, in labels and in tooltips: Qt would open what they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QHelpEvent, QTextDocument
from PySide6.QtGui import Qt as QtText
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QMenu, QSystemTrayIcon, QToolTip, QWidget

from app.places import PLACES
from backend.bootstrap import Installation
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.app.window import wait_until
from tests.sample_data.names import rename_everything
from tests.sample_data.servers import server_id
from widgets.elided import ElidedLabel
from widgets.job_progress import JobProgress, StepLine
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.timeline import Timeline, TimelineItem
from widgets.tip import WIDEST, plain, set_tip, show_message

MARKUP = "<b>x</b><img src='seen.png'>"


class Paper(QTextDocument):
    """What Qt reads markup with; notes which files it would open."""

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        if QtText.mightBeRichText(tip):
            self.setHtml(tip)
        else:
            self.setPlainText(tip)
        self.setTextWidth(400)
        self.size()

    def loadResource(self, _kind: int, name: Any) -> Any:
        self.opened.append(name.toString())
        return None


@pytest.fixture
def reader(fleet: Installation, new_console: NewConsole) -> Person:
    """In front of a store in which every name begins with markup that names a file; its end tells the rows apart."""
    rename_everything(fleet, lambda text: f"{MARKUP}{text}"[:120])
    return new_console()


def shown(tip: str) -> str:
    """What the eye sees of it; lines are broken where they are too long."""
    paper = Paper(tip)
    assert not paper.opened, tip
    return paper.toPlainText().replace("\n", "")


def tips(window: QWidget) -> Iterator[str]:
    """Every tooltip there is, as Qt is handed it."""
    for widget in (window, *window.findChildren(QWidget)):
        yield widget.toolTip()
        if isinstance(widget, QMenu) and widget.toolTipsVisible():
            yield from (action.toolTip() for action in widget.actions())
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from cells(widget.model())


def cells(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(model.rowCount()):
        for column in range(model.columnCount() if isinstance(model, QAbstractTableModel) else 1):
            yield str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or "")


def last_seen(person: Person) -> Iterator[str]:
    """Every page and part, each with its first row chosen."""
    person.overview()
    yield "overview"
    page = person.servers()
    page.choose(server_id(0))
    person.settle()
    for tab in range(page.detail.tabs.count()):
        page.detail.tabs.setCurrentIndex(tab)
        person.settle()
        yield f"servers, tab {tab}"
    page = person.activity()
    for row in range(page.table.model().rowCount()):
        page.table.selectRow(row)
        person.settle()
        yield f"activity, job {row}"
    for part in PLACES["costs"].parts:
        person.costs_part(part.key)
        yield f"costs, {part.key}"
    person.workspaces()
    yield "workspaces"
    settings = person.settings()
    for row in range(settings.list.count()):
        settings.list.setCurrentRow(row)
        person.settle()
        yield f"settings, {settings.list.item(row).text()}"


def test_every_name_is_shown_as_typed(reader: Person) -> None:
    seen = set()
    for place in last_seen(reader):
        for tip in tips(reader.window):
            if MARKUP in shown(tip):
                seen.add(place.partition(",")[0])
            else:
                assert "seen.png" not in tip, (place, tip)
        for label in reader.window.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText, (place, label)
    assert seen >= {"overview", "servers", "activity", "workspaces", "settings"}


def rest_on(widget: QWidget, spot: QPoint) -> str:
    """Rest the mouse on a spot: the tooltip that Qt then shows, as Qt is handed it."""
    QToolTip.hideText()
    wait_until(lambda: not QToolTip.isVisible(), "the tooltip before to go")
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, spot, widget.mapToGlobal(spot)))
    wait_until(QToolTip.isVisible, "a tooltip")
    return QToolTip.text()


def a_timeline() -> QWidget:
    made = Timeline("What happened")
    made.set_lines([TimelineItem(f"{MARKUP} was ordered", "now")])
    return made


def a_progress() -> QWidget:
    made = JobProgress("Steps")
    made.set_lines([StepLine("Order it", f"{MARKUP} was ordered", "1 s", None)])
    return made


def a_table() -> QWidget:
    made: RecordTable[str] = RecordTable([Column("Name", lambda row: row)], lambda row: row, "Servers")
    made.set_rows([f"{MARKUP} was ordered"])
    made.resize(300, 200)
    return made.viewport()


@pytest.mark.parametrize("make", [a_timeline, a_progress, a_table])
def test_the_mouse_rests_on_drawn_words(qtbot: Any, make: Any) -> None:
    widget = make()
    window = widget.window()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()

    assert f"{MARKUP} was ordered" in shown(rest_on(widget, QPoint(20, 10)))


def test_a_screen_reader_reads_the_words_themselves(qtbot: Any) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("<b>mx1</b>")

    assert label.accessibleDescription() == "<b>mx1</b>"
    assert shown(label.toolTip()) == "<b>mx1</b>"
    label.setText("mx1 & mx2")
    assert (label.accessibleDescription(), label.toolTip()) == ("mx1 & mx2", "mx1 & mx2")


TYPED = ["", "mx1", "<b>mx1</b>", "a &lt; b", MARKUP, "one\n<b>two</b>", "<b>one</b>\ntwo", "a  <i>b</i>  c", "x" * 999]


@pytest.mark.parametrize(
    "text", [*TYPED, "<b>" + "x" * 999, "<p>word " * 99, "<!-- a -->b", "<a href='x'>y", "<?xml?>"]
)
def test_a_tip_shows_what_was_typed_in_lines_that_fit(text: str) -> None:
    lines = Paper(plain(text)).toPlainText().split("\n")

    assert "".join(lines) == text.replace("\n", "")
    assert max(map(len, lines)) <= WIDEST


def test_an_action_shows_what_was_typed(qapp: QApplication) -> None:
    action = QAction("Resize", qapp)
    set_tip(action, "<b>no</b>")

    assert shown(action.toolTip()) == "<b>no</b>"
    action.deleteLater()


@pytest.mark.parametrize("text", [*TYPED, "a &amp; b"])
def test_a_message_beside_the_tray_shows_the_same_to_whoever_reads_markup(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Qt hands it as it is to the desktop's service, and whether that reads markup is not known."""
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _tray, title, words: told.append((title, words)))
    tray = QSystemTrayIcon()
    show_message(tray, text, text)

    for words in told[0]:
        paper = QTextDocument()
        paper.setHtml(f"<pre>{words}</pre>")
        assert paper.toPlainText() == words
        assert words.replace("\u200b", "").translate({0x2039: "<", 0x203A: ">"}) == text
