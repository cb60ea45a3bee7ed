"""What the widget tests share: the program's look and English at the beginning of each, a window, an ear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.shell.appearance.theme import Appearance
from backend.core.present.text import activate


@pytest.fixture
def window(qtbot: Any) -> QWidget:
    """A window with margins and nothing in it yet."""
    window = QWidget()
    QVBoxLayout(window).setContentsMargins(20, 20, 20, 20)
    window.resize(400, 200)
    qtbot.addWidget(window)
    return window


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader is told to say at once."""
    said: list[str] = []

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return said


@pytest.fixture(scope="session")
def look(qapp: QApplication) -> Appearance:
    """The one appearance of the test process."""
    return Appearance(qapp)


@pytest.fixture(autouse=True)
def appearance(look: Appearance) -> Iterator[Appearance]:
    """Light and English at the beginning of each test."""
    activate("en")
    look.choose("light")
    look.choose_contrast("auto")
    yield look
    activate("en")
    look.focus_rings.turn(is_by_mouse=False)
    look.focus_rings.follow(None, None)
