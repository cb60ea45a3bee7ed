"""All components together: nothing cut in any language, everything named, light to import, and gone when closed."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QScrollBar, QWidget

from app.shell.appearance.theme import Appearance
from backend.core.present.status import Status
from backend.core.present.text import PSEUDO, activate
from tests.widgets.gallery import WIDTH, Gallery
from tests.widgets.pieces import (
    Pieces,
    bulk_bar,
    change_cards,
    figure_tiles,
    need_rows,
    plan_bar,
    record_block,
    status_tiles,
    stepper,
)
from tests.widgets.reading import picture, spoken
from tests.widgets.walker import faults
from widgets.band import ModeBand
from widgets.banner import Banner
from widgets.bar_plot import BarPlot
from widgets.button import Button
from widgets.cell_grid import CellGrid
from widgets.chips import Chips
from widgets.command_palette import CommandPalette
from widgets.empty_state import EmptyState
from widgets.form import Form
from widgets.job_progress import JobProgress
from widgets.key_value import KeyValues
from widgets.legend import Legend
from widgets.log_view import LogView
from widgets.panel import Panel
from widgets.progress_meter import ProgressMeter
from widgets.range_buttons import RangeButtons
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.search_field import SearchField
from widgets.sheet import Sheet, SheetText
from widgets.sidebar import Entry, Sidebar
from widgets.skeleton import Skeleton
from widgets.status_badge import StatusBadge
from widgets.status_bar import StatusBar
from widgets.swatch import Shape
from widgets.switcher import Switcher
from widgets.tabs import Tabs
from widgets.timeline import Timeline
from widgets.toast import Toast, ToastAct

MAKERS: dict[str, Any] = {
    "band": ModeBand,
    "bar plot": lambda: BarPlot("By type", "USD", str),
    "bulk bar": lambda: bulk_bar(4),
    "button": lambda: Button("Act", icon_name="plus"),
    "cell grid": lambda: CellGrid("Days"),
    "change cards": change_cards,
    "chips": lambda: Chips([("all", "All")]),
    "empty": lambda: EmptyState("Nothing", "None ran."),
    "form": Form,
    "gallery": Gallery,
    "job progress": lambda: JobProgress("Steps"),
    "facts": KeyValues,
    "legend": lambda: Legend([(Shape(Status.OK), "ok")]),
    "log": lambda: LogView("Log"),
    "notice": Banner,
    "panel": lambda: Panel("Title"),
    "pieces": Pieces,
    "figure tiles": figure_tiles,
    "need row": lambda: need_rows()[0],
    "plan bar": plan_bar,
    "record block": record_block,
    "status tiles": status_tiles,
    "stepper": stepper,
    "range buttons": RangeButtons,
    "meter": lambda: ProgressMeter("Cost"),
    "table": lambda: RecordTable((Column("Name", text=str),), lambda row: row, "Rows"),
    "search": lambda: SearchField("Filter"),
    "sidebar": lambda: Sidebar([Entry("servers", "Servers", "server")], "Pages"),
    "skeleton": Skeleton,
    "badge": StatusBadge,
    "status bar": lambda: StatusBar("State"),
    "switcher": lambda: Switcher("Workspace"),
    "tabs": lambda: Tabs("Parts", ["One"]),
    "timeline": lambda: Timeline("Timeline"),
    "toast": lambda: Toast("Restarted.", (ToastAct("undo", "Undo"),), Status.OK, 8000),
}


@pytest.fixture
def gallery(qtbot: Any) -> Gallery:
    gallery: Gallery = _shown(qtbot, Gallery)
    return gallery


@pytest.fixture
def pieces(qtbot: Any) -> Pieces:
    pieces: Pieces = _shown(qtbot, Pieces)
    return pieces


@pytest.fixture(params=["gallery", "pieces"])
def page(request: Any) -> Any:
    """Each page of it."""
    return request.getfixturevalue(request.param)


def _shown(qtbot: Any, kind: Any) -> Any:
    gallery = kind()
    qtbot.addWidget(gallery)
    gallery.show()
    gallery.fit()
    return gallery


@pytest.mark.parametrize("kind", [Gallery, Pieces])
@pytest.mark.parametrize("language", ["en", "de", PSEUDO])
def test_no_word_is_cut(qtbot: Any, language: str, kind: Any) -> None:
    activate(language)
    page = _shown(qtbot, kind)
    if language == PSEUDO:
        assert any(button.text().startswith("[!!") for button in page.findChildren(QAbstractButton))

    qtbot.waitUntil(lambda: not faults(page))


def test_english_fits_a_small_screen(page: Any) -> None:
    assert page.width() == WIDTH


def test_everything_that_takes_the_focus_has_a_name(page: Any) -> None:
    nameless = [
        type(widget).__name__
        for widget in page.findChildren(QWidget)
        if widget.isVisible() and _takes_focus(widget) and not spoken(widget)
    ]

    assert nameless == []


def _takes_focus(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and not isinstance(widget, QScrollBar)


def test_tab_goes_through_everything_and_comes_back(gallery: Gallery, qtbot: Any) -> None:
    gallery.activateWindow()
    qtbot.waitUntil(gallery.isActiveWindow)
    gallery.focused.setFocus()
    seen: list[QWidget] = []

    for _step in range(80):
        widget = gallery.focusWidget()
        seen.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
        if gallery.focusWidget() is gallery.focused:
            break

    assert gallery.focusWidget() is gallery.focused
    assert {gallery.search, gallery.switcher, gallery.table, gallery.tabs} <= set(seen)


def test_light_and_dark_are_two_pictures(gallery: Gallery, appearance: Appearance) -> None:
    light = picture(gallery)
    appearance.choose("dark")
    dark = picture(gallery)
    appearance.choose("light")

    assert light.pixelColor(5, 300).lightness() > 200
    assert dark.pixelColor(5, 300).lightness() < 60
    assert light.size() == dark.size() == gallery.size()


@pytest.mark.parametrize("name", MAKERS)
def test_a_widget_that_is_deleted_is_gone(name: str) -> None:
    widget = MAKERS[name]()
    widget.show()
    died = weakref.ref(widget)

    widget.close()
    widget.deleteLater()
    del widget
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()

    assert died() is None


@pytest.mark.parametrize(
    "make",
    [lambda parent: Sheet(SheetText("Resize", "Now", "Keep"), parent), lambda parent: CommandPalette([], parent)],
    ids=["sheet", "palette"],
)
def test_a_closed_dialog_is_gone(make: Any, qtbot: Any) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    dialog = make(window)
    dialog.open()
    died = weakref.ref(dialog)

    dialog.reject()
    del dialog
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()

    assert died() is None
    assert window.findChildren(QWidget) == []


def test_importing_the_widgets_loads_nothing_heavy() -> None:
    """A window is painted before numpy and pyqtgraph are there; descriptions of charts need neither."""
    script = """
import pkgutil, importlib, sys, widgets
for module in pkgutil.iter_modules(widgets.__path__):
    importlib.import_module(f"widgets.{module.name}")
import widgets.charts.spec, app.shell.appearance.theme
heavy = {"numpy", "pyqtgraph", "PySide6.QtDBus", "sqlalchemy"} & set(sys.modules)
sys.exit(", ".join(sorted(heavy)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_widgets_import_qt_and_presentation_only() -> None:
    script = """
import pkgutil, importlib, sys, widgets
for module in pkgutil.walk_packages(widgets.__path__, "widgets."):
    importlib.import_module(module.name)
strange = [name for name in sys.modules if name.startswith(("app", "backend."))
           and not (name + ".").startswith(("backend.core.present.", "backend.core."))]
strange += [name for name in sys.modules if name.startswith("backend.core.") and "present" not in name]
sys.exit(", ".join(strange) or 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
