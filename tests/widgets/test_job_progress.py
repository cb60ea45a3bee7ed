"""The steps of a job, and the question that stands under the waiting one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from backend.core.present.status import Status
from tests.widgets.gallery import question_box
from tests.widgets.reading import described, has_colour, spoken
from widgets.job_progress import PLAIN_ROW, ROW, WORDS_X, JobProgress, StepLine
from widgets.tokens import LIGHT

STEPS = (
    StepLine("Back up", "4.2 GB compared", "11 min 42 s", Status.OK),
    StepLine("Your yes", "", "9 min so far", Status.WAITING, is_current=True),
    StepLine("Resize", "From 14 past resizes", "5 to 8 min", None),
)


@pytest.fixture
def progress(qtbot: Any) -> JobProgress:
    progress = JobProgress("Steps")
    qtbot.addWidget(progress)
    progress.set_lines(STEPS)
    progress.resize(400, progress.heightForWidth(400))
    progress.show()
    return progress


def test_steps_are_told_with_their_state(progress: JobProgress) -> None:
    lines = described(progress).splitlines()

    assert spoken(progress) == "Steps"
    assert lines == [
        "Back up: OK, 4.2 GB compared, 11 min 42 s",
        "Your yes: Waiting, 9 min so far",
        "Resize: Pending, From 14 past resizes, 5 to 8 min",
    ]


def test_the_question_makes_room_below_its_step(progress: JobProgress, qtbot: Any) -> None:
    before = progress.heightForWidth(400)
    box = question_box()

    progress.set_box(box)

    assert box.isVisible()
    assert box.x() == WORDS_X
    assert ROW < box.y() < ROW + PLAIN_ROW + 30
    assert progress.heightForWidth(400) == before + box.height() + 2 + ROW - PLAIN_ROW
    assert progress.tip_at(box.geometry().bottom() + 20).startswith("Resize")


def test_the_question_stands_under_the_note_of_a_step_that_has_one(progress: JobProgress) -> None:
    progress.set_box(question_box())
    box = progress.findChild(QPushButton).parentWidget()
    before = box.y()

    progress.set_lines([STEPS[0], StepLine("Your yes", "A note", "", Status.WAITING, is_current=True), STEPS[2]])

    assert box.y() > before


def test_a_question_that_grows_moves_the_steps_below(progress: JobProgress, qtbot: Any) -> None:
    box = question_box()
    progress.set_box(box)
    before = progress.heightForWidth(400)

    box.body.addWidget(QLabel("one\nmore\nthing"))

    qtbot.waitUntil(lambda: progress.heightForWidth(400) > before + 20)
    assert box.height() == box.heightForWidth(box.width())


def test_a_question_that_was_answered_goes(progress: JobProgress, qtbot: Any) -> None:
    before = progress.heightForWidth(400)
    box = question_box()
    progress.set_box(box)

    with qtbot.waitSignal(box.destroyed):
        progress.set_box(None)

    assert progress.heightForWidth(400) == before


def test_shapes_are_painted_in_their_colours(progress: JobProgress) -> None:
    assert has_colour(progress, LIGHT.status_ok)
    assert not has_colour(progress, LIGHT.status_critical)

    progress.set_lines([StepLine("Back up", "", "", Status.CRITICAL)])

    assert has_colour(progress, LIGHT.status_critical)


def test_the_ring_of_a_running_step_turns(progress: JobProgress, qtbot: Any) -> None:
    assert not progress._turning.is_turning

    progress.set_lines([StepLine("Back up", "", "", Status.RUNNING, is_current=True)])
    qtbot.waitUntil(lambda: progress._turning.degrees > 0)
    progress.set_lines([StepLine("Back up", "", "", Status.OK)])

    assert not progress._turning.is_turning


def test_the_same_steps_again_are_not_painted_again(progress: JobProgress, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bool] = []
    monkeypatch.setattr(progress, "_arrange", lambda: calls.append(True))

    progress.set_lines(STEPS)

    assert not calls


def test_a_step_without_a_note_leaves_no_room_for_one(progress: JobProgress) -> None:
    before = progress.heightForWidth(400)

    progress.set_lines([replace(line, note="") for line in STEPS])

    assert before - progress.heightForWidth(400) == 2 * (ROW - PLAIN_ROW)
    assert progress.tip_at(2 * PLAIN_ROW + 10) == "Resize"
    assert progress.current_end == progress.heightForWidth(400) - PLAIN_ROW - 4
    assert [progress.begin_at(y) for y in (0, 1, PLAIN_ROW, 9999)] == [0, PLAIN_ROW, PLAIN_ROW, 9999]
