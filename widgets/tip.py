"""Tooltips and tray messages show words as typed: Qt, or the desktop, guesses markup and opens what it names."""

from __future__ import annotations

import html
import textwrap

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, Qt
from PySide6.QtWidgets import QSystemTrayIcon, QTabBar, QToolTip, QWidget

from backend.core.present import format as words
from backend.core.present.text import moments_in

#: Characters a line; words longer than that are broken.
WIDEST = 100
LOOK_ALIKE = str.maketrans({"<": "\u2039", ">": "\u203a", "&": "&\u200b"})


def plain(text: str) -> str:
    """What a tooltip is handed so that it shows ``text`` as typed, in lines that fit."""
    lines = [part for line in text.split("\n") for part in _wrapped(line)]
    if not Qt.mightBeRichText("\n".join(lines)):
        return "\n".join(lines)
    return "<div style='white-space: pre'>" + "<br>".join(html.escape(line) for line in lines) + "</div>"


def set_tip(thing: QWidget | QAction | QSystemTrayIcon, text: str) -> None:
    """Give a thing its tooltip; a screen reader, which reads tooltips out, gets the words themselves."""
    if isinstance(thing, QWidget):
        if thing.accessibleDescription() == (thing.property("tip") or ""):
            thing.setAccessibleDescription(text)
        thing.setProperty("tip", text)
    thing.setToolTip(plain(text))


def with_exact(tip: str, *texts: str) -> str:
    """A tooltip, and under it the exact moments that ``texts`` tell in short (*3 min ago*) and it does not tell yet."""
    found = dict.fromkeys(words.exact(at) for text in texts for at in moments_in(text))
    return "\n".join(part for part in (tip, *(each for each in found if each not in tip)) if part)


def set_tab_tip(bar: QTabBar, index: int, text: str) -> None:
    """Give one tab its tooltip."""
    bar.setTabToolTip(index, plain(text))


def show_tip(where: QPoint, text: str, widget: QWidget) -> None:
    """Show a tooltip now, at a place of the screen; empty words hide it."""
    QToolTip.showText(where, plain(text), widget)


def show_message(tray: QSystemTrayIcon, title: str, text: str) -> None:
    """Say something beside the tray's icon.

    Whether the desktop's service reads markup there is not known, so nothing may be escaped: signs that begin markup
    are shown as signs that look like them.
    """
    tray.showMessage(title.translate(LOOK_ALIKE), text.translate(LOOK_ALIKE))


def _wrapped(line: str) -> list[str]:
    if len(line) <= WIDEST:
        return [line]
    return textwrap.wrap(line, WIDEST, drop_whitespace=False, break_on_hyphens=False)
