"""What the widget tests share: the program's look and English at the beginning of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.shell.theme import Appearance
from backend.core.present.text import activate


@pytest.fixture(scope="session")
def look(qapp: QApplication) -> Appearance:
    """The one appearance of the test process."""
    return Appearance(qapp)


@pytest.fixture(autouse=True)
def appearance(look: Appearance) -> Iterator[Appearance]:
    """Light and English at the beginning of each test."""
    activate("en")
    look.choose("light")
    yield look
    activate("en")
    look.focus_rings.follow(None, None)
