"""Walks over everything that is seen in a window and tells what does not fit: cut words, sideways bars, overlaps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollBar,
    QSplitterHandle,
    QTabBar,
    QWidget,
)

from widgets.cell_grid import CellGrid
from widgets.elided import ElidedLabel
from widgets.pressable import Pressable
from widgets.record_table import RecordTable
from widgets.scrim import Scrim
from widgets.status_badge import StatusBadge
from widgets.toasts import Toasts

#: Kinds of button that end in dots by themselves, and the least room of what ends in dots.
ELIDING, LEAST = ("switcher",), 24
LEAST_FIELD, LONG_FIELD, BESIDE = 96, 180, 44
#: What lies over the window.
OVER = (Scrim, Toasts)
#: Parts that Qt lays out for itself.
OWN_LAYOUT = (QAbstractScrollArea, QComboBox, QHeaderView, QLineEdit, QTabBar)


def faults(root: QWidget) -> list[str]:
    """What a person cannot read, or must scroll sideways for: a line for each; empty where all is well."""
    seen = [each for each in (root, *root.findChildren(QWidget)) if each.isVisible() and each.window() is root.window()]
    found = [fault for widget in seen for check in CHECKS for fault in check(widget)]
    with _painted_words() as painted:
        root.grab()
    return [*found, *dict.fromkeys(painted)]


def cut_label(label: QWidget) -> Iterator[str]:
    """Words of a label that have no room and no dots."""
    if not isinstance(label, QLabel) or not label.text() or label.pixmap().width():
        return
    room, words = label.contentsRect(), label.fontMetrics()
    if isinstance(label, (ElidedLabel, StatusBadge)):
        least = min(LEAST, words.horizontalAdvance(label.text()))
        if room.width() < least or label.height() < label.minimumSizeHint().height():
            yield _said("no room for dots", label, label.text())
    elif label.wordWrap():
        widest = max(map(words.horizontalAdvance, re.split(r"[\s\u200b-]", QLabel.text(label))), default=0)
        if label.height() < label.heightForWidth(label.width()) or room.width() < widest:
            yield _said("cut", label, label.text())
    elif label.hasHeightForWidth():  # lays its words out by itself
        if label.height() < label.heightForWidth(label.width()) or label.width() < label.minimumSizeHint().width():
            yield _said("cut", label, label.text())
    elif room.width() < words.horizontalAdvance(max(label.text().split("\n"), key=len)) or (
        label.height() < label.minimumSizeHint().height()
    ):
        yield _said("cut", label, label.text())


def cut_button(button: QWidget) -> Iterator[str]:
    if not isinstance(button, QAbstractButton) or button.property("kind") in ELIDING or not button.text():
        return
    if button.width() < button.minimumSizeHint().width():
        yield _said("cut", button, button.text())


def narrow_field(field: QWidget) -> Iterator[str]:
    if not isinstance(field, QLineEdit):
        return
    words = field.fontMetrics().horizontalAdvance(field.placeholderText()) + BESIDE
    if field.width() < max(LEAST_FIELD, min(words, LONG_FIELD)):
        yield _said("narrow", field, field.placeholderText() or field.accessibleName())


def sideways(area: QWidget) -> Iterator[str]:
    """A bar to scroll sideways, or what it would be for where it is switched off; a grid of days is a year wide."""
    if not isinstance(area, QAbstractScrollArea) or isinstance(area, CellGrid):
        return
    bar: QScrollBar = area.horizontalScrollBar()
    is_off = area.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    if bar.maximum() > bar.minimum():
        yield _said(f"{bar.maximum()} px to the side" + " without a bar" * is_off, area, area.accessibleName())


def cut_number(table: QWidget) -> Iterator[str]:
    """A number with dots in it is another number."""
    if not isinstance(table, RecordTable):
        return
    for at, column in enumerate(table.records.columns):
        if table.isColumnHidden(at) or not column.is_number or column.spark is not None:
            continue
        needed = table._columns._content.get(at, 0)
        if table.columnWidth(at) < needed:
            yield _said(f"number cut by {needed - table.columnWidth(at)} px", table, table.records.title(at))


def outside(widget: QWidget) -> Iterator[str]:
    """What stands beyond the edge of what it is in."""
    parent = widget.parentWidget()
    if parent is None or widget.isWindow() or _is_own(widget, parent):
        return
    if not parent.rect().contains(widget.geometry()):
        yield _said(f"outside of {_path(parent)}", widget, _words(widget))


def overlap(parent: QWidget) -> Iterator[str]:
    """Siblings that stand on each other; what can be pressed as a whole lies under a button."""
    if isinstance(parent, (Pressable, *OWN_LAYOUT)) or _is_chart(parent):
        return
    children = [
        each
        for each in parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if each.isVisible()
        and not each.isWindow()
        and not isinstance(each, (QSplitterHandle, *OVER))
        and not each.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    ]
    for at, one in enumerate(children):
        for other in children[at + 1 :]:
            if not one.geometry().intersected(other.geometry()).isEmpty():
                yield _said(f"on {_path(other)} {_words(other)!r}", one, _words(one))


CHECKS: tuple[Callable[[QWidget], Iterator[str]], ...] = (
    cut_label,
    cut_button,
    narrow_field,
    sideways,
    cut_number,
    outside,
    overlap,
)


@contextmanager
def _painted_words() -> Iterator[list[str]]:
    """Words that widgets paint by hand into a box that is too narrow for them."""
    found: list[str] = []
    real = QPainter.drawText

    def draw(painter: QPainter, *given: Any) -> Any:
        boxes = [each for each in given if isinstance(each, (QRect, QRectF))]
        texts = [each for each in given if isinstance(each, str)]
        flags = [each for each in given if isinstance(each, (int, Qt.AlignmentFlag, Qt.TextFlag))]
        wraps = any(int(getattr(each, "value", each)) & Qt.TextFlag.TextWordWrap.value for each in flags)
        if boxes and texts and not wraps:
            needed = painter.fontMetrics().horizontalAdvance(texts[0])
            if needed > boxes[0].width() + 1:
                found.append(f"painted cut: {texts[0]!r}, {needed} px in {round(boxes[0].width())}")
        return real(painter, *given)

    QPainter.drawText = draw  # type: ignore[assignment,method-assign]
    try:
        yield found
    finally:
        QPainter.drawText = real  # type: ignore[method-assign]


def _is_own(widget: QWidget, parent: QWidget) -> bool:
    """Whether the parent lays it out by itself, or shows a part of it at a time."""
    area = parent.parentWidget()
    is_viewport = isinstance(area, QAbstractScrollArea) and area.viewport() is parent
    return is_viewport or isinstance(parent, OWN_LAYOUT) or isinstance(widget, QSplitterHandle) or _is_chart(parent)


def _is_chart(widget: QWidget) -> bool:
    return type(widget).__module__.startswith(("widgets.charts", "pyqtgraph"))


def _said(what: str, widget: QWidget, words: str) -> str:
    at = widget.mapTo(widget.window(), QPoint(0, 0))
    return f"{what}: {words!r} in {_path(widget)} at {at.x()},{at.y()} {widget.width()}x{widget.height()}"


def _words(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, (QLabel, QAbstractButton)) else widget.accessibleName()


def _path(widget: QWidget) -> str:
    names: list[str] = []
    each: QWidget | None = widget
    while each is not None and not each.isWindow() and len(names) < 3:
        names.append(type(each).__name__)
        each = each.parentWidget()
    return " < ".join(names)
