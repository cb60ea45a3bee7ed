"""What a view says of its state: badge, band, notice, empty, loading, meter, facts, log, story, status bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QPushButton, QStyle, QVBoxLayout, QWidget

from app.shell.appearance.theme import Appearance
from backend.core.present.format import age, exact
from backend.core.present.status import Status, word
from tests.widgets.reading import described, has_colour, picture, role, spoken
from widgets.band import ModeBand
from widgets.banner import Banner
from widgets.elided import ElidedLabel
from widgets.empty_state import EmptyState
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.log_view import MOST_LINES, LogView
from widgets.panel import Panel
from widgets.progress_meter import Mark, ProgressMeter
from widgets.skeleton import DELAY_MS, Skeleton
from widgets.status_badge import StatusBadge
from widgets.status_bar import StatusBar
from widgets.status_mark import StatusMark
from widgets.status_shape import mark_colour, tint, word_colour
from widgets.timeline import Timeline, TimelineItem
from widgets.title_row import title_row
from widgets.tokens import DARK_HIGH, LIGHT, LIGHT_HIGH

MOMENT = datetime(2026, 11, 22, 13, 31, 5, tzinfo=UTC)
LATER = MOMENT + timedelta(minutes=3)


def shown(qtbot: Any, widget: Any) -> Any:
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.mark.parametrize("status", list(Status))
def test_a_badge_is_shape_word_and_colour(qtbot: Any, status: Status) -> None:
    badge = shown(qtbot, StatusBadge(status))

    assert spoken(badge) == word(status)
    assert role(badge) is QAccessible.Role.StaticText
    assert has_colour(badge, tint(status, LIGHT))
    assert has_colour(badge, word_colour(status, LIGHT)) or status is Status.WARNING


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("status", [Status.CRITICAL, Status.WARNING, Status.UNKNOWN])
def test_without_tints_a_badge_and_a_notice_have_an_edge(
    appearance: Appearance, qtbot: Any, scheme: str, status: Status
) -> None:
    appearance.choose(scheme)
    appearance.choose_contrast("high")
    theme = {"light": LIGHT_HIGH, "dark": DARK_HIGH}[scheme]
    banner = Banner()
    banner.say(status, "mx1 does not respond over SSH.")

    for box in (shown(qtbot, StatusBadge(status)), shown(qtbot, banner)):
        image = picture(box)
        edge = {image.pixelColor(image.width() // 2, y).name().upper() for y in (0, image.height() - 1)}
        assert edge == {mark_colour(status, theme)}


def test_no_two_statuses_have_the_same_shape(qtbot: Any) -> None:
    """Without colour they must still differ: pictures are compared as ink and ground."""
    pictures = []
    for status in Status:
        image = picture(shown(qtbot, StatusMark(status)))
        ground = image.pixelColor(0, 0)
        cells = range(image.width() * image.height())
        points = [image.pixelColor(at % image.width(), at // image.width()) != ground for at in cells]
        pictures.append(tuple(points))

    assert len(set(pictures)) == len(Status)


def test_a_badge_gives_room_and_tells_its_whole_word(qtbot: Any) -> None:
    badge = shown(qtbot, StatusBadge(Status.WAITING, "Awaiting approval"))
    assert badge.toolTip() == ""

    badge.setFixedWidth(80)
    qtbot.waitUntil(lambda: badge.toolTip() == "Awaiting approval")

    assert badge.minimumSizeHint().width() < 80 < badge.sizeHint().width()


def test_a_name_loses_its_middle_and_is_copied_whole(qtbot: Any) -> None:
    name = shown(qtbot, ElidedLabel("mx1.acme-dental.example", is_name=True))
    name.setFixedWidth(90)

    name.actions()[0].trigger()

    assert QGuiApplication.clipboard().text() == name.toolTip() == "mx1.acme-dental.example"


def test_a_running_badge_turns_only_while_it_is_seen(qtbot: Any) -> None:
    badge = shown(qtbot, StatusBadge(Status.RUNNING))
    if not badge.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration):
        pytest.skip("this desktop wants no motion")
    qtbot.waitUntil(lambda: badge._turning.degrees > 0)

    badge.hide()
    assert not badge._turning.is_turning
    badge.show()
    badge.show_status(Status.OK)
    assert not badge._turning.is_turning


def test_the_band_says_what_is_seen(qtbot: Any) -> None:
    demo, live = shown(qtbot, ModeBand("sample fleet", is_demo=True)), shown(qtbot, ModeBand())

    assert (spoken(demo), spoken(live)) == ("DEMO sample fleet", "LIVE")
    assert has_colour(demo, LIGHT.mode_demo_tint)
    assert has_colour(live, LIGHT.mode_live_tint)
    width = demo.sizeHint().width()
    demo.show_note("sample fleet, nothing is charged")
    assert demo.sizeHint().width() > width


def test_a_notice_is_hidden_until_it_has_something_to_say(qtbot: Any) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    assert banner.isHidden()

    banner.say(Status.CRITICAL, "The token was refused.", "Enter a new one.", "Retry", details="401")

    assert banner.text == spoken(banner) == "The token was refused. Enter a new one."
    with qtbot.waitSignal(banner.acted):
        banner.action.click()
    banner.copy.click()
    assert QGuiApplication.clipboard().text() == "The token was refused. Enter a new one.\n401"
    banner.clear()
    assert banner.isHidden()
    assert banner.text == ""


def test_a_notice_without_details_or_action_has_no_buttons(qtbot: Any) -> None:
    banner = shown(qtbot, Banner())

    banner.say(Status.INCONCLUSIVE, "2 of 44 servers did not answer.")

    assert not [button for button in banner.findChildren(QPushButton) if button.isVisible()]
    assert banner.title.property("role") == "body"
    assert has_colour(banner, LIGHT.status_inconclusive_tint)


def test_a_narrow_notice_puts_its_buttons_below(qtbot: Any) -> None:
    banner = shown(qtbot, Banner())
    banner.say(Status.CRITICAL, "The token was refused.", "Enter a new one.", "Retry")

    banner.resize(700, 80)
    qtbot.waitUntil(lambda: banner.action.x() > banner.title.geometry().right())
    banner.resize(300, 200)

    qtbot.waitUntil(lambda: banner.action.y() > banner.remedy.geometry().bottom())
    assert banner.action.x() < banner.title.geometry().right()


def test_news_is_announced_once(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", told.append)
    banner = shown(qtbot, Banner())

    banner.say(Status.CRITICAL, "It failed.")
    banner.say(Status.CRITICAL, "It failed.")
    assert len(told) == 1
    banner.say(Status.CRITICAL, "It failed otherwise.")

    assert len(told) == 2


def test_an_empty_state_offers_one_way_on(qtbot: Any) -> None:
    empty, silent = EmptyState("No servers yet", "Order one.", "New server"), EmptyState("No jobs", "None ran.")
    for state in (empty, silent):
        shown(qtbot, state)

    with qtbot.waitSignal(empty.acted):
        empty.action.click()

    assert (spoken(empty), described(empty)) == ("No servers yet", "Order one.")
    assert not silent.action.isVisible()


def test_a_fast_answer_shows_no_skeleton(qtbot: Any) -> None:
    skeleton = shown(qtbot, Skeleton())
    skeleton.wait()
    assert not has_colour(skeleton, LIGHT.bg_hover)

    skeleton.stop()

    assert not skeleton._later.isActive()
    assert not skeleton.is_shown


def test_a_slow_answer_shows_the_skeleton(qtbot: Any) -> None:
    skeleton = shown(qtbot, Skeleton())
    assert skeleton._later.interval() == DELAY_MS == 150

    skeleton.wait()
    qtbot.waitUntil(lambda: skeleton.is_shown)

    assert has_colour(skeleton, LIGHT.bg_hover)
    assert spoken(skeleton) == "Loading"
    skeleton.stop()
    assert not has_colour(skeleton, LIGHT.bg_hover)


def test_a_meter_is_a_progress_bar_to_a_screen_reader(qtbot: Any) -> None:
    meter = shown(qtbot, ProgressMeter("Cost against the budget"))
    meter.resize(200, 6)

    meter.show_share(0.5)

    assert role(meter) is QAccessible.Role.ProgressBar
    value = QAccessible.queryAccessibleInterface(meter).valueInterface()
    assert (value.currentValue(), value.maximumValue()) == (500, 1000)
    image = picture(meter)
    assert image.pixelColor(QPoint(90, 3)).name().upper() == LIGHT.accent_fill
    assert image.pixelColor(QPoint(110, 3)).name().upper() == LIGHT.border_subtle


@pytest.mark.parametrize(("share", "kept"), [(-0.2, 0.0), (0.85, 0.85), (7.0, 1.32)])
def test_a_meter_stays_within_its_ends(qtbot: Any, share: float, kept: float) -> None:
    meter = shown(qtbot, ProgressMeter("Cost", marks=(Mark(1.0, "100 %"),), top=1.32))

    meter.show_share(share, status=Status.WARNING, projected=1.1)

    assert meter.share == pytest.approx(kept)
    assert has_colour(meter, LIGHT.status_warning_mark)


def test_facts_are_updated_in_place_and_copied(qtbot: Any) -> None:
    facts = shown(qtbot, KeyValues())
    facts.set_rows([("Address", "203.0.113.40"), ("Size", "4 GB")], mono=("Address",), copyable=("Address",))
    shown_label = facts._rows["Address"].value

    facts.set_rows([("Address", "203.0.113.41"), ("Size", "8 GB")], mono=("Address",), copyable=("Address",))

    assert facts._rows["Address"].value is shown_label
    assert (facts.value("Address"), facts.value("Size")) == ("203.0.113.41", "8 GB")
    copy = facts.findChildren(QPushButton)[0]
    assert spoken(copy) == "Copy Address"
    copy.click()
    assert QGuiApplication.clipboard().text() == "203.0.113.41"


def test_facts_that_are_gone_are_not_shown(qtbot: Any) -> None:
    facts = shown(qtbot, KeyValues())
    facts.set_rows([("Address", "203.0.113.40"), ("Size", "4 GB")])

    facts.set_rows([("Size", "4 GB")])

    qtbot.waitUntil(lambda: [label.text() for label in facts.findChildren(Label)] == ["Size", "4 GB"])


def test_markup_in_a_value_is_shown_as_it_is(qtbot: Any) -> None:
    label = shown(qtbot, Label("<b>root</b>@mx1"))

    assert label.sizeHint().width() > label.fontMetrics().horizontalAdvance("<b>root")


def test_the_log_appends_only_what_is_new(qtbot: Any) -> None:
    log = shown(qtbot, LogView("Log"))
    changes: list[tuple[int, int, int]] = []
    log.set_lines(["one", "two"])
    log.document().contentsChange.connect(lambda *change: changes.append(change))

    log.set_lines(["one", "two", "three"])
    log.set_lines(["two", "three", "four"])

    assert log.toPlainText() == "one\ntwo\nthree\nfour"
    assert all(removed == 0 for _at, removed, _added in changes)
    log.set_lines(["other"])
    assert log.toPlainText() == "other"


def test_the_log_is_capped_and_follows_its_end(qtbot: Any) -> None:
    log = shown(qtbot, LogView("Log"))
    log.resize(300, 100)

    log.append_lines([f"line {at}" for at in range(MOST_LINES + 50)])

    assert log.blockCount() == MOST_LINES
    assert log.toPlainText().startswith("line 50\n")
    bar = log.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    log.append_lines(["one more"])
    assert bar.value() < bar.maximum()


def test_a_timeline_tells_whole_texts_and_exact_times(qtbot: Any) -> None:
    timeline = shown(qtbot, Timeline("Timeline"))
    timeline.resize(120, 80)
    text = "Resized from 2 to 4 vCPU by the capacity forecast"

    timeline.set_lines([TimelineItem(text, age(MOMENT, LATER)), TimelineItem("Made", "2 days ago")])

    assert timeline.tip_at(5) == f"{text}\n{exact(MOMENT)}"
    assert timeline.tip_at(41) == "Made"
    assert timeline.tip_at(400) == ""
    assert text in described(timeline)


def test_empty_parts_of_the_status_bar_take_no_room(qtbot: Any) -> None:
    bar = shown(qtbot, StatusBar("State"))
    bar.tell("engine", "Engine running", Status.OK)
    bar.tell("jobs", "2 jobs")
    width = bar._parts["jobs"].x()
    assert not bar._parts["engine"].rule.isVisible()
    assert bar._parts["jobs"].rule.isVisible()

    bar.tell("engine", "")

    assert not bar._parts["engine"].isVisible()
    assert not bar._parts["jobs"].rule.isVisible()
    qtbot.waitUntil(lambda: bar._parts["jobs"].x() < width)
    assert bar.words("jobs") == "2 jobs"


def test_a_panel_is_named_by_its_title(qtbot: Any) -> None:
    panel = shown(qtbot, Panel("Needs attention", "8 items", is_ruled=True))

    assert spoken(panel) == "Needs attention"
    assert panel.note.text() == "8 items"


def test_a_status_stays_apart_from_a_name_that_has_no_room(qtbot: Any) -> None:
    head = QWidget()
    column = QVBoxLayout(head)
    column.setSpacing(2)
    name, badge = ElidedLabel("mx1.acme-dental-practice.example", "section", is_name=True), StatusBadge(Status.WARNING)
    column.addLayout(title_row(name, badge))
    head.resize(200, 60)
    shown(qtbot, head)

    assert badge.geometry().left() - name.geometry().right() > 8
