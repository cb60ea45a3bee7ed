"""What the widget tests share: the program's look, English, and no Qt warning in any of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.shell.theme import Appearance
from backend.core.present.text import activate

HARMLESS = ("This plugin does not support",)  # the offscreen platform has no window manager


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


@pytest.fixture(autouse=True)
def no_warnings(qtlog: Any) -> Iterator[None]:
    """A warning of Qt fails the test it happened in."""
    yield
    said = [record.message for record in qtlog.records if not any(word in record.message for word in HARMLESS)]
    assert not said
