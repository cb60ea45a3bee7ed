"""Plan bar, record block and stepper: what they say, at any width, by keyboard and to a screen reader."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.shell.appearance.theme import Appearance
from tests.widgets.reading import described, has_colour, spoken
from widgets import record_block as block_module
from widgets.plan_bar import PlanBar, PlanCount
from widgets.record_block import RecordBlock
from widgets.stepper import Stepper, StepState, WizardStep
from widgets.tokens import LIGHT

COUNTS = (PlanCount(1, "create"), PlanCount(2, "change"), PlanCount(0, "remove"))
UNTOUCHED, NOTE = "23 records stay untouched", "No interruption of mail."
KEY = "v=DKIM1; k=rsa; p=" + "MIIBIjANBgkq" * 30


@pytest.fixture
def bar(qtbot: Any) -> PlanBar:
    bar = PlanBar("Review plan")
    qtbot.addWidget(bar)
    bar.show_plan(COUNTS, UNTOUCHED, note=NOTE)
    bar.resize(1000, bar.sizeHint().height())
    bar.show()
    return bar


@pytest.fixture
def block(qtbot: Any) -> RecordBlock:
    block = RecordBlock("Record 4")
    qtbot.addWidget(block)
    block.set_fields((("Type", "TXT"), ("Name", "s2611._domainkey"), ("Value", KEY)))
    block.resize(400, block.sizeHint().height())
    block.show()
    return block


@pytest.fixture
def steps(qtbot: Any) -> Stepper:
    steps = Stepper("Steps")
    qtbot.addWidget(steps)
    steps.set_steps(
        (
            WizardStep("Server", StepState.DONE),
            WizardStep("DNS records", StepState.CURRENT),
            WizardStep("Certificate"),
        )
    )
    steps.resize(700, 32)
    steps.show()
    steps.activateWindow()
    qtbot.waitUntil(steps.isActiveWindow)
    return steps


def test_a_plan_says_its_numbers_what_stays_and_what_it_means(bar: PlanBar) -> None:
    assert spoken(bar) == f"Plan, 1 create, 2 change, 0 remove, {UNTOUCHED}, {NOTE}"
    assert bar.counts.text() == "1 create, 2 change, 0 remove"
    assert bar.untouched.isVisible()
    assert bar.note.isVisible()
    assert not bar.note_below.isVisible()


def test_the_act_of_a_plan_is_pressed(bar: PlanBar, qtbot: Any) -> None:
    with qtbot.waitSignal(bar.acted):
        qtbot.keyClick(bar.act, Qt.Key.Key_Return)


def test_a_plan_without_changes_cannot_be_done_and_says_so(bar: PlanBar) -> None:
    bar.show_plan((PlanCount(0, "change"),), UNTOUCHED)

    assert not bar.act.isEnabled()
    assert described(bar.act) == "There is nothing to change."

    bar.show_plan(COUNTS, UNTOUCHED, reason="The provider does not answer.")
    assert described(bar.act) == "The provider does not answer."


def test_a_narrow_plan_bar_cuts_nothing(bar: PlanBar, qtbot: Any) -> None:
    bar.resize(bar.minimumSizeHint().width(), 100)

    assert bar.note_below.isVisible()
    assert bar.note_below.text() == f"{UNTOUCHED}. {NOTE}"
    assert not bar.untouched.isVisible()
    qtbot.waitUntil(lambda: bar.counts.height() >= bar.counts.heightForWidth(bar.counts.width()))
    assert bar.act.width() >= bar.act.sizeHint().width()


def test_a_value_is_copied_whole_and_said(block: RecordBlock, qtbot: Any, heard: list[str]) -> None:
    button = block.buttons["Value"]
    width = button.width()

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    assert QGuiApplication.clipboard().text() == KEY
    assert button.text() == "Copied"
    assert button.width() == width
    assert heard == ["Value copied"]
    qtbot.waitUntil(lambda: button.text() == "Copy")


def test_a_field_is_named_and_shown_whole_in_its_tooltip(block: RecordBlock) -> None:
    assert spoken(block) == "Record 4"
    assert spoken(block.buttons["Name"]) == "Copy Name"
    shown = block.findChildren(block_module.ElidedLabel)
    assert [spoken(label) for label in shown] == ["Type", "Name", "Value"]
    assert described(shown[2]) == KEY


def test_fields_that_stay_keep_their_buttons(block: RecordBlock, qtbot: Any) -> None:
    before = block.buttons["Name"]

    block.set_fields((("Type", "TXT"), ("Name", "_dmarc"), ("Value", "v=DMARC1; p=none")))
    qtbot.mouseClick(before, Qt.MouseButton.LeftButton)

    assert block.buttons["Name"] is before
    assert QGuiApplication.clipboard().text() == "_dmarc"

    block.set_fields((("Type", "MX"),))
    assert list(block.buttons) == ["Type"]


def test_steps_say_where_a_person_is(steps: Stepper) -> None:
    assert spoken(steps) == "Steps"
    assert described(steps) == "step 2 of 3: DNS records. done: Server"
    assert [spoken(button) for button in steps.buttons] == [
        "1 Server, done",
        "2 DNS records, current step",
        "3 Certificate, to come",
    ]


def test_a_step_that_is_done_can_be_gone_back_to(steps: Stepper, qtbot: Any) -> None:
    with qtbot.waitSignal(steps.asked) as asked:
        qtbot.keyClick(steps.buttons[0], Qt.Key.Key_Space)
    assert asked.args == [0]

    with qtbot.assertNotEmitted(steps.asked):
        qtbot.mouseClick(steps.buttons[2], Qt.MouseButton.LeftButton)


def test_narrow_steps_keep_the_words_of_the_current_one(steps: Stepper) -> None:
    steps.resize(steps.minimumSizeHint())

    short = [button.width() == button.width_of(is_short=True) for button in steps.buttons]
    assert short == [True, False, True]
    assert described(steps.buttons[0]) == "Server"
    assert steps.buttons[-1].geometry().right() <= steps.width()

    steps.resize(700, 32)
    assert described(steps.buttons[0]) == ""


def test_a_step_to_correct_is_told_by_shape_word_and_colour(steps: Stepper, appearance: Appearance) -> None:
    assert has_colour(steps, LIGHT.accent_fill)

    steps.set_steps((WizardStep("Server", StepState.WRONG), WizardStep("DNS records")))

    assert len(steps.buttons) == 2
    assert spoken(steps.buttons[0]) == "1 Server, needs correction"
    assert has_colour(steps, LIGHT.status_critical)
