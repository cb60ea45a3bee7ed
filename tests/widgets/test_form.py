"""A form: buddies, errors in words and shape, checked when a field is left, focus on the first wrong one."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tests.widgets.reading import described, has_colour, spoken
from widgets.form import Form
from widgets.label import Label
from widgets.tokens import LIGHT


@pytest.fixture
def form(qtbot: Any) -> Form:
    """Two lines that must not be short, one box; in an active window."""
    form = Form()
    form.name, form.token, form.place = QLineEdit(), QLineEdit(), QComboBox()
    form.place.addItem("Frankfurt", "fra1")
    form.add("name", "Name", form.name, note="The full host name.", check=lambda: _short(form.name))
    form.add("token", "API token", form.token, check=lambda: _short(form.token))
    form.add("place", "Region", form.place)
    window = QWidget()
    QVBoxLayout(window).addWidget(form)
    form.window_ = window
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return form


def _short(field: QLineEdit) -> str:
    return "" if len(field.text()) > 3 else "Too short."


def test_labels_are_buddies_and_names(form: Any) -> None:
    buddies = {label.text(): label.buddy() for label in form.findChildren(Label) if label.buddy()}

    assert buddies == {"Name": form.name, "API token": form.token, "Region": form.place}
    assert spoken(form.name) == "Name"
    assert described(form.name) == "The full host name."
    relations = QAccessible.queryAccessibleInterface(form.name).relations()
    assert any(flag & QAccessible.RelationFlag.Label for _interface, flag in relations)


def test_a_field_that_is_not_asked_for_takes_no_room_and_is_never_wrong(form: Any) -> None:
    form.name.setText("mx1.example.net")
    assert not form.is_right()
    before = form.sizeHint().height()

    form.ask_for("token", is_asked=False)

    assert form.is_right()
    assert not form.token.isVisible()
    assert form.sizeHint().height() < before
    form.call("token", "API key")
    form.ask_for("token", is_asked=True)
    assert spoken(form.token) == "API key"


def test_a_field_is_checked_when_it_is_left(form: Any, qtbot: Any) -> None:
    form.name.setFocus()
    qtbot.keyClicks(form.name, "mx")
    assert form.error("name") == ""

    qtbot.keyClick(form.name, Qt.Key.Key_Tab)

    assert form.error("name") == "Too short."
    assert described(form.name) == "Too short."
    assert has_colour(form, LIGHT.status_critical)


def test_an_empty_field_does_not_nag_when_it_is_left(form: Any, qtbot: Any) -> None:
    form.name.setFocus()

    qtbot.keyClick(form.name, Qt.Key.Key_Tab)

    assert form.error("name") == ""


def test_an_error_goes_while_it_is_mended(form: Any, qtbot: Any) -> None:
    form.name.setFocus()
    qtbot.keyClicks(form.name, "mx")
    qtbot.keyClick(form.name, Qt.Key.Key_Tab)
    form.name.setFocus()

    qtbot.keyClicks(form.name, "1.example")

    assert form.error("name") == ""
    assert described(form.name) == "The full host name."


def test_the_first_wrong_field_gets_the_focus(form: Any, qtbot: Any) -> None:
    form.name.setText("mx1.example")
    form.place.setFocus()

    assert not form.is_right()

    assert form.token.hasFocus()
    assert (form.error("name"), form.error("token")) == ("", "Too short.")
    form.token.setText("secret")
    assert form.is_right()


def test_a_guarded_button_is_never_disabled_without_the_reason_under_its_field(form: Any, qtbot: Any) -> None:
    form.text_box = QPlainTextEdit()
    form.add("note", "Note", form.text_box, check=lambda: "" if len(form.text_box.toPlainText()) < 5 else "Too long.")
    for field in (form.name, form.token):
        field.setText("long enough")
    act = QPushButton("Save")
    qtbot.waitUntil(form.text_box.isVisible)
    form.guard(act)
    assert act.isEnabled()

    form.text_box.setPlainText("too many letters")
    assert (act.isEnabled(), form.error("note")) == (False, "Too long.")
    form.name.setText("m")
    form.text_box.setPlainText("few")
    assert (act.isEnabled(), form.error("note"), form.error("name")) == (False, "", "Too short.")

    form.ask_for("name", is_asked=False)
    assert act.isEnabled()


def test_values_are_trimmed_texts_and_keys(form: Any) -> None:
    form.name.setText("  mx1 ")

    assert (form.text("name"), form.text("place")) == ("mx1", "fra1")


def test_a_field_of_another_kind_has_no_text(form: Any) -> None:
    form.add("count", "Count", QSpinBox())

    with pytest.raises(TypeError):
        form.text("count")


def test_an_answer_of_the_engine_is_shown_at_its_field(form: Any, qtbot: Any) -> None:
    form.name.setText("mx1.example")
    form.show_error("name", "This name is taken.")
    assert form.error("name") == "This name is taken."

    form.show_error("name", "")

    assert form.error("name") == ""
    assert not form.name.property("wrong")
