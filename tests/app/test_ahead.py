"""What is imported ahead: without Qt on a thread, with Qt in slices of the GUI thread, and whole at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QObject

from app import imports
from app.shell.ahead import Ahead, Slices
from app.shell.background.task import BackgroundTask

ROOT = Path(__file__).parents[2]
LIMIT_S = 170

WORK = "import time\nend = time.thread_time() + 0.03\nwhile time.thread_time() < end:\n    pass\n"
#: The module objects of a package that runs in pieces: its first line counts how often it was begun.
PACKAGE = {
    "__init__": "begun = globals().get('begun', 0) + 1\nfrom planted import one, two, three\nwhole = True\n",
    "one": WORK + "import planted\nparent = planted\n",
    "two": WORK + "from planted import one\n",
    "three": WORK + "from planted import two\n",
}


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "planted"
    folder.mkdir()
    for name, text in PACKAGE.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("app.shell.ahead.SLICED", {"planted"})
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "planted"]:
        del sys.modules[name]


@pytest.fixture
def slices() -> Iterator[Slices]:
    made = Slices()
    sys.meta_path.insert(0, made)
    yield made
    sys.meta_path.remove(made)


def tries(slices: Slices, seconds: float) -> Iterator[None]:
    """One pass for each slice that was over before all was imported."""
    for _try in range(20):
        if slices.try_to_import("planted", seconds):
            return
        yield
    pytest.fail("not whole after 20 slices")


@pytest.mark.usefixtures("planted")
def test_an_import_ends_between_modules_and_goes_on_in_the_same_one(slices: Slices) -> None:
    seen = []
    for _pass in tries(slices, 0.02):
        seen.append("planted" in sys.modules)

    package = sys.modules["planted"]
    assert len(seen) >= 2
    assert not any(seen)
    assert package.whole
    assert package.begun >= 2
    assert sys.modules["planted.one"].parent is package


@pytest.mark.usefixtures("planted")
def test_what_is_half_done_is_imported_whole_by_whoever_needs_it(slices: Slices) -> None:
    assert not slices.try_to_import("planted", 0.02)

    import planted  # type: ignore[import-not-found]

    assert planted.whole
    assert planted.one.parent is planted


@pytest.mark.usefixtures("planted")
def test_packages_of_others_are_never_cut(slices: Slices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.shell.ahead.SLICED", {"app"})

    assert slices.try_to_import("planted", 0.001)


@pytest.mark.usefixtures("planted")
def test_other_threads_are_not_cut_short(slices: Slices) -> None:
    found = []

    def work() -> None:
        found.append(__import__("planted").whole)

    slices.try_to_import("planted.nothing_more", 0.0)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert found == [True]


@pytest.mark.usefixtures("planted")
def test_a_broken_module_is_told_and_not_tried_for_ever(slices: Slices) -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such"):
        slices.try_to_import("planted.no_such", 10)


@pytest.mark.usefixtures("planted")
def test_events_have_their_turn_between_slices(qtbot: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytestqt.qtbot import QtBot

    assert isinstance(qtbot, QtBot)
    monkeypatch.setattr("app.shell.ahead.SLICE_S", 0.001)
    owner = QObject()
    ahead = Ahead(owner)
    with qtbot.waitSignal(ahead.done):
        ahead.start(["planted"])

    assert sys.modules["planted"].whole
    assert not [each for each in sys.meta_path if isinstance(each, Slices)]


@pytest.mark.usefixtures("planted")
def test_leaving_while_it_imports_gives_back_what_was_opened(qtbot: object) -> None:
    from pytestqt.qtbot import QtBot

    assert isinstance(qtbot, QtBot)
    owner, opened = QObject(), object()
    opening = BackgroundTask(lambda: opened, owner, then_import=["planted"])
    opening.ready.connect(lambda _opened: pytest.fail("ready after it was left"))
    ended = []
    opening._ended.connect(lambda _error: ended.append(opening.leave()))
    opening.start()
    qtbot.waitUntil(lambda: bool(ended))
    QCoreApplication.sendPostedEvents(opening)  # what was told of the end before it was left

    assert ended == [opened]
    assert not opening._ahead._timer.isActive()
    assert not [each for each in sys.meta_path if isinstance(each, Slices)]
    assert not opening.is_done


def in_a_process(script: str) -> str:
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=LIMIT_S
    )
    assert not done.returncode, done.stderr
    return done.stdout


LEFT_FOR_THE_WINDOW = """
import sys
from importlib import import_module
from PySide6.QtWidgets import QApplication
application = QApplication([])
import app.application, app.main_window, backend.bootstrap, backend.store.query, numpy
from app import imports
from app.shell.appearance import language, theme
from app.shell.background import bridge, task
from app.shell.desktop import single_instance
from app.shell.session import passphrase, settings

def strangers(before):
    ours = ("app", "widgets", "PySide6", "shiboken6", "pyqtgraph")
    new = [name for name in sys.modules if name not in before and name.partition(".")[0] not in ours]
    return [name for name in new if sys.modules[name] is not None and not name.startswith("__")]

imports.import_without_qt(imports.WITHOUT_QT)
qt = [name for name in sys.modules if name.startswith("app.pages") and name.endswith(".page")]
before = set(sys.modules)
for page in [place.key for place in imports.PLACES.all]:
    for name in imports.of_first_page(page):
        import_module(name)
print("pages:", *strangers(before))
imports.import_without_qt(imports.WITHOUT_QT_REST)
qt += [name for name in sys.modules if name.startswith("pyqtgraph")]
before = set(sys.modules)
for name in imports.of_rest():
    import_module(name)
print("rest:", *strangers(before))
print("Qt:", *qt)
"""


def test_what_knows_no_qt_is_imported_before_the_gui_thread_needs_it() -> None:
    assert in_a_process(LEFT_FOR_THE_WINDOW).split("\n")[:3] == ["pages:", "rest:", "Qt:"]


SLICED = """
import inspect, sys
from PySide6.QtWidgets import QApplication
application = QApplication([])
from app.shell import ahead
ahead.SLICE_S = 0.002
work = ahead.Ahead(application)
work.done.connect(application.quit)
work.start(["pyqtgraph", "widgets.charts.stack"])
application.exec()
import pyqtgraph
for name, module in sorted(sys.modules.items()):
    if name.partition(".")[0] not in ("pyqtgraph", "widgets"):
        continue
    for word, thing in vars(module).items():
        home = sys.modules.get(getattr(thing, "__module__", None) or "")
        if inspect.isclass(thing) and home is not None and home.__name__.startswith(("pyqtgraph", "widgets")):
            twin = getattr(home, thing.__name__, thing)
            if inspect.isclass(twin) and twin is not thing and twin.__qualname__ == thing.__qualname__:
                print("two of", home.__name__, thing.__name__, "in", name)
pyqtgraph.setConfigOption("antialias", True)
asking = [module for module in list(sys.modules.values()) if hasattr(module, "getConfigOption")]
told = [module.getConfigOption("antialias") for module in asking]
print(len(told) > 5 and all(told))
"""


def test_the_chart_library_imported_in_slices_is_one_whole() -> None:
    assert in_a_process(SLICED) == "True\n"


def test_a_library_is_imported_whole_before_its_modules() -> None:
    """A module of a library that another thread has half imported does not wait for it: seen with numpy.typing."""
    names = [*imports.WITHOUT_QT, *imports.WITHOUT_QT_REST]
    packages = {name: name.partition(".")[0] for name in names if "." in name}
    outside = {name: root for name, root in packages.items() if root not in ("app", "backend", "widgets", "xml")}

    assert outside
    assert all(names.index(root) < names.index(name) for name, root in outside.items())
