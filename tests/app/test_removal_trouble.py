"""A demo that could not be removed: why, after its window is gone, and the way to try again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest

from app.shell.window.removal_trouble import RemovalTrouble, remove_or_tell
from backend.core.errors import MailyardError
from tests.app.window import wait_until

IN_USE = MailyardError("The demo is still in use.", remedy="Stop its engine, then remove it again.")


class Demo:
    """Can be removed once nobody uses it."""

    def __init__(self) -> None:
        self.is_used, self.tries = True, 0

    def remove(self) -> None:
        self.tries += 1
        if self.is_used:
            raise IN_USE


@pytest.fixture
def demo() -> Demo:
    return Demo()


Told = Callable[[], RemovalTrouble]


@pytest.fixture
def told(qapp: Any, demo: Demo) -> Iterator[Told]:
    opened: list[RemovalTrouble] = []

    def tell() -> RemovalTrouble:
        trouble = remove_or_tell(demo.remove)
        assert trouble is not None
        opened.append(trouble)
        return trouble

    yield tell
    for each in opened:
        each.close()
        each.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_where_it_is_removed_nothing_is_told(qapp: Any, demo: Demo) -> None:
    demo.is_used = False

    assert remove_or_tell(demo.remove) is None


def test_why_it_is_still_there_is_told_and_it_can_be_tried_again(told: Told, demo: Demo) -> None:
    trouble = told()
    assert trouble.isVisible()
    assert IN_USE.title in trouble.banner.text
    assert IN_USE.remedy in trouble.banner.text

    QTest.mouseClick(trouble.banner.action, Qt.MouseButton.LeftButton)
    wait_until(lambda: demo.tries == 2 and trouble.banner.action.isEnabled(), "the second try")
    assert trouble.isVisible()
    demo.is_used = False
    QTest.mouseClick(trouble.banner.action, Qt.MouseButton.LeftButton)

    wait_until(lambda: not trouble.isVisible(), "the window to go")
    assert demo.tries == 3


def test_escape_leaves_it(told: Told, demo: Demo) -> None:
    trouble = told()
    wait_until(trouble.isActiveWindow, "it to have the keyboard")

    QTest.keyClick(trouble, Qt.Key.Key_Escape)

    wait_until(lambda: not trouble.isVisible(), "the window to go")
    assert demo.tries == 1
