"""The look of the program: fonts, both themes at run time, and the desktop's request."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtDBus import QDBusConnection
from PySide6.QtGui import QFontInfo, QFontMetrics, QImage
from PySide6.QtWidgets import QApplication, QWidget

from app.shell.appearance.desktop_preferences import DesktopPreferences
from app.shell.appearance.theme import FONT_FILES, Appearance
from backend.core.present.status import Status
from tests.desktop.services import message_bus
from tests.widgets.reading import has_colour
from widgets.button import Button
from widgets.icons import icon
from widgets.label import Label
from widgets.status_badge import StatusBadge
from widgets.tokens import DARK, DARK_HIGH, LIGHT, LIGHT_HIGH
from widgets.turning import Turning

ROOT = Path(__file__).parents[2]
PORTAL = Path(__file__).parent / "portal.py"


def test_the_bundled_fonts_are_used(appearance: Appearance, qtbot: Any) -> None:
    body, mono = Label("mx1"), Label("203.0.113.40", "mono")
    for label in (body, mono):
        qtbot.addWidget(label)
        label.show()

    assert QFontInfo(body.font()).family() == "Inter"
    assert QFontInfo(mono.font()).family() == "JetBrains Mono"
    assert QFontInfo(mono.font()).pixelSize() == 12


@pytest.mark.parametrize("font_role", ["body", "small", "title", "strong"])
def test_figures_are_tabular_in_every_size(appearance: Appearance, qtbot: Any, font_role: Any) -> None:
    label = Label("", font_role)
    qtbot.addWidget(label)
    label.show()
    metrics = QFontMetrics(label.font())

    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def test_fonts_and_icons_ship_with_their_licences() -> None:
    fonts, icons = ROOT / "resources" / "fonts", ROOT / "resources" / "icons"

    for name in ("Inter", "JetBrainsMono"):
        licence = (fonts / f"LICENSE-{name}").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE" in licence
        assert "TERMINATION" in licence
    assert {file.name for file in fonts.glob("*.?tf")} == set(FONT_FILES)
    assert "ISC License" in (icons / "LICENSE").read_text(encoding="utf-8")


def test_every_icon_is_drawn_in_the_colour_asked_for(qapp: QApplication) -> None:
    for file in (ROOT / "resources" / "icons").glob("*.svg"):
        image = icon(file.stem, "#1F5FBF").pixmap(48, 48).toImage().convertToFormat(QImage.Format.Format_ARGB32)
        seen = {
            image.pixelColor(x, y).name() for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255
        }
        assert "#1f5fbf" in seen, file.stem


def test_an_icon_that_is_not_shipped_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-thing", "#000000")


def test_a_theme_switch_reaches_style_sheet_and_painted_parts(appearance: Appearance, qtbot: Any) -> None:
    button, badge = Button("Resize now", "primary"), StatusBadge(Status.CRITICAL)
    for widget in (button, badge):
        qtbot.addWidget(widget)
        widget.show()
    assert has_colour(button, LIGHT.accent_fill)
    assert has_colour(badge, LIGHT.status_critical_tint)

    appearance.choose("dark")

    assert has_colour(button, DARK.accent_fill)
    assert not has_colour(button, LIGHT.accent_fill)
    assert has_colour(badge, DARK.status_critical_tint)
    assert has_colour(badge, DARK.status_critical)


def test_an_icon_on_a_button_follows_the_theme_and_its_state(appearance: Appearance, qtbot: Any) -> None:
    button = Button("", "icon", icon_name="plus", name="Add")
    qtbot.addWidget(button)
    button.show()
    pictures = [button.icon().pixmap(16, 16).toImage()]

    appearance.choose("dark")
    pictures.append(button.icon().pixmap(16, 16).toImage())
    button.setEnabled(False)
    pictures.append(button.icon().pixmap(16, 16).toImage())

    assert pictures[0] != pictures[1] != pictures[2]


def test_a_choice_that_is_unknown_follows_the_desktop(appearance: Appearance) -> None:
    appearance.choose("dark")
    assert appearance.theme is DARK

    appearance.choose("sepia")

    assert appearance.theme is LIGHT


@pytest.fixture
def session_bus(tmp_path: Path) -> Iterator[str]:
    """A session bus of our own; its address."""
    with message_bus(tmp_path) as address:
        yield address


@pytest.fixture
def desktop(session_bus: str) -> Iterator[Any]:
    """A desktop portal on that bus, in its own process, that first says dark."""
    portal = subprocess.Popen(
        [sys.executable, str(PORTAL), session_bus], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert portal.stdin is not None
    assert portal.stdout is not None
    assert portal.stdout.readline().strip() == "ready"
    yield portal
    portal.terminate()
    portal.wait()
    for pipe in (portal.stdin, portal.stdout):
        pipe.close()


def test_the_portal_says_dark_and_then_light(qtbot: Any, qapp: QApplication, session_bus: str, desktop: Any) -> None:
    bus = QDBusConnection.connectToBus(session_bus, "portal-test")
    owner = QObject()
    asker = DesktopPreferences(owner, bus)

    with qtbot.waitSignal(asker.told):
        asker.ask()
    assert asker.scheme is Qt.ColorScheme.Dark

    with qtbot.waitSignal(asker.told):
        desktop.stdin.write("color-scheme 2\n")
        desktop.stdin.flush()
    assert asker.scheme is Qt.ColorScheme.Light
    QDBusConnection.disconnectFromBus("portal-test")


def test_auto_follows_the_portal_where_qt_does_not_know(
    qtbot: Any, appearance: Appearance, session_bus: str, desktop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appearance, "_own_scheme", lambda: Qt.ColorScheme.Unknown)
    asker = DesktopPreferences(appearance, QDBusConnection.connectToBus(session_bus, "auto-test"))
    asker.told.connect(appearance._follow)
    monkeypatch.setattr(appearance, "_desktop", asker)
    appearance.choose("auto")
    assert appearance.theme is LIGHT

    with qtbot.waitSignal(appearance.changed):
        asker.ask()

    assert appearance.theme is DARK
    QDBusConnection.disconnectFromBus("auto-test")


def test_the_portal_wants_high_contrast_and_no_motion(
    qtbot: Any, appearance: Appearance, session_bus: str, desktop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = DesktopPreferences(appearance, QDBusConnection.connectToBus(session_bus, "preferences-test"))
    asker.told.connect(appearance._follow)
    monkeypatch.setattr(appearance, "_desktop", asker)
    appearance.choose("light")
    with qtbot.waitSignal(asker.told):
        asker.ask()
    assert (appearance.theme, appearance.is_still) == (LIGHT, False)

    with qtbot.waitSignal(appearance.changed):
        desktop.stdin.write("contrast 1\n")
        desktop.stdin.flush()
    assert appearance.theme is LIGHT_HIGH
    with qtbot.waitSignal(asker.told):
        desktop.stdin.write("reduced-motion 1\n")
        desktop.stdin.flush()
    assert appearance.is_still
    QDBusConnection.disconnectFromBus("preferences-test")


def test_high_contrast_counts_at_once_in_both_schemes(appearance: Appearance, qtbot: Any) -> None:
    badge = StatusBadge(Status.CRITICAL)
    qtbot.addWidget(badge)
    badge.show()

    appearance.choose_contrast("high")
    assert appearance.theme is LIGHT_HIGH
    assert has_colour(badge, LIGHT_HIGH.status_critical)
    appearance.choose("dark")
    assert appearance.theme is DARK_HIGH

    appearance.choose_contrast("auto")
    assert appearance.theme is DARK


def test_without_motion_no_ring_turns(appearance: Appearance, qtbot: Any) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    turning = Turning(widget)
    turning.run(True)
    assert turning.is_turning

    appearance.choose_motion("none")
    turning.run(True)

    assert not turning.is_turning
    assert not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateCombo)
    appearance.choose_motion("auto")
