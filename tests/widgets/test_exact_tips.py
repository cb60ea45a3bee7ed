"""What tells a moment in short has it exactly in its tooltip."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtGui import QTextBlock, QTextCursor

from backend.core.present.format import age, exact
from backend.core.present.status import Status
from backend.core.present.text import joined
from tests.widgets.reading import described
from widgets.elided import ElidedLabel
from widgets.label import Label
from widgets.log_view import LogView
from widgets.status_badge import StatusBadge

MOMENT = datetime(2026, 11, 22, 13, 31, 5, tzinfo=UTC)
LATER = MOMENT + timedelta(minutes=3)


def shown(qtbot: Any, widget: Any) -> Any:
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_a_line_of_a_log_tells_its_exact_time_however_many_came_before(qtbot: Any) -> None:
    log = shown(qtbot, LogView("Log"))
    log.set_lines(["one\nof two", joined((age(MOMENT, LATER), "ordered"), "  "), "last"])

    tips = [log.tip_at(log.cursorRect(QTextCursor(block)).center()) for block in blocks(log)]

    assert tips == ["", "", exact(MOMENT), ""]


def blocks(log: LogView) -> list[QTextBlock]:
    return [log.document().findBlockByNumber(at) for at in range(log.blockCount())]


def test_what_tells_a_moment_in_short_has_it_exactly_in_its_tooltip(qtbot: Any) -> None:
    """Where other words follow, it goes."""
    said = f"{age(MOMENT, LATER)}\n{exact(MOMENT)}"
    for widget, tip in ((Label(), exact(MOMENT)), (ElidedLabel(), said)):
        label = shown(qtbot, widget)
        label.setText(age(MOMENT, LATER))
        assert (label.toolTip(), described(label)) == (tip, tip)
        label.setText("Off")
        assert exact(MOMENT) not in label.toolTip()
    badge = shown(qtbot, StatusBadge(Status.OK, age(MOMENT, LATER)))
    badge.resize(badge.sizeHint())
    assert badge.toolTip() == exact(MOMENT)
    badge.show_status(Status.OK)
    assert badge.toolTip() == ""
