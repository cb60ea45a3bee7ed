"""Each wall around running tests sees a breach planted in a run of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.core.secrets.redactor import MASK, Redactor
from tests.walls.known import as_before
from tests.walls.network import is_allowed
from tests.walls.plugin import sendable

ROOT = Path(__file__).parents[2]
LIMIT_S = 170

PLANTED = """
import gc, socket, threading, warnings
import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QWidget
from tests.walls import leaks

leaks.THREADS_END_S = 0.1
kept = []

@pytest.fixture(scope="module")
def window_of_the_module(qapp):
    kept.append(QWidget())
    yield kept[-1]
    kept.remove(kept[-1])

@pytest.fixture
def warns_at_the_end(qapp):
    yield
    qWarning("told at the end")

def test_fine(qtbot, window_of_the_module):
    window, timer = QWidget(), QTimer()
    timer.start(1000)
    timer.stop()
    qtbot.addWidget(window)
    window.show()

def test_circle(qapp):
    window = QWidget()
    window.itself = window

def test_window(qapp):
    kept.append(QWidget())
    kept[-1].setWindowTitle("Forgotten")

def test_timer(qapp):
    kept.append(QTimer())
    kept[-1].start(60_000)

def test_thread(qapp):
    wait = threading.Event()
    kept.append(wait)
    threading.Thread(target=wait.wait, args=(20,), name="forgotten", daemon=True).start()

def test_qt_warning(qapp):
    qWarning("told in the test")

def test_qt_warning_at_the_end(warns_at_the_end):
    pass

def test_harmless(qapp):
    qWarning("This plugin does not support raise()")

def test_python_warning():
    warnings.warn("old")

def test_slot_error(qtbot):
    timer = QTimer()
    timer.timeout.connect(lambda: 1 / 0)
    timer.setSingleShot(True)
    with qtbot.waitSignal(timer.timeout):
        timer.start(0)

def test_address():
    socket.create_connection(("192.0.2.1", 443), timeout=0.1)

def test_name():
    socket.getaddrinfo("example.com", 443)

def test_caught_in_a_thread():
    def reach():
        try:
            socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("198.51.100.7", 53))
        except Exception:
            pass
    thread = threading.Thread(target=reach)
    thread.start()
    thread.join()

def test_name_that_is_nowhere():
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("api.invalid", 443)

def test_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()

def test_skip():
    pytest.skip("no reason at all")

def in_a_thread(work):
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()

def hides(work):
    def quietly():
        try:
            work()
        except BaseException:
            pass
    return quietly

def test_qt_name_in_a_thread():
    def work():
        from PySide6.QtGui import QColorSpace
    in_a_thread(hides(work))

def test_qt_module_in_a_thread():
    def work():
        import PySide6.QtHelp
    in_a_thread(hides(work))

def test_qt_import_of_ours_in_a_thread():
    def work():
        import app.pages.settings.page
    in_a_thread(hides(work))

def test_qt_attribute_in_a_thread_unhidden():
    import PySide6.QtWidgets as widgets
    in_a_thread(lambda: widgets.QUndoView)

def test_qt_of_a_pool():
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(1) as pool:
        pool.submit(__import__, "pyqtgraph")

def test_qt_name_made_before():
    from PySide6.QtGui import QColor
    def work():
        from PySide6.QtGui import QColor
        QColor(1, 2, 3)
    in_a_thread(work)

def test_qt_names_in_the_gui_thread():
    import PySide6.QtGui
    from PySide6.QtGui import QTextTable
    assert QTextTable is PySide6.QtGui.QTextTable
    assert not hasattr(PySide6.QtGui, "QNothing")

def test_fails_with_an_open_socket():
    here, there = socket.socketpair()
    circle = [here, there]
    circle.append(circle)
    assert here is there

def test_after_that_one():
    gc.collect()
"""
OUTCOMES = {
    "test_fine": "",
    "test_circle": "",
    "test_harmless": "",
    "test_name_that_is_nowhere": "",
    "test_loopback": "",
    "test_window": "left behind a window: QWidget Forgotten",
    "test_timer": "left behind a running timer of nobody",
    "test_thread": "left behind a thread: forgotten",
    "test_qt_warning": "told in the test",
    "test_qt_warning_at_the_end": "Qt warned: told at the end",
    "test_python_warning": "UserWarning: old",
    "test_slot_error": "ZeroDivisionError",
    "test_address": "reached for 192.0.2.1, outside loopback and the lab",
    "test_name": "reached for example.com, outside loopback and the lab",
    "test_caught_in_a_thread": "reached for 198.51.100.7, outside loopback and the lab",
    "test_qt_name_in_a_thread": "off its thread: looked up PySide6.QtGui.QColorSpace in the thread worker",
    "test_qt_module_in_a_thread": "off its thread: imported PySide6.QtHelp in the thread worker",
    "test_qt_import_of_ours_in_a_thread": "off its thread: imported app.pages.settings.page in the thread worker",
    "test_qt_attribute_in_a_thread_unhidden": "off its thread: looked up PySide6.QtWidgets.QUndoView in the thread",
    "test_qt_of_a_pool": "off its thread: imported pyqtgraph in the thread ThreadPoolExecutor",
    "test_qt_name_made_before": "",
    "test_qt_names_in_the_gui_thread": "",
    "test_fails_with_an_open_socket": "assert here is there",
    "test_after_that_one": "",
    "test_skip": "does not allow: no reason at all",
}


def run(folder: Path, text: str, **environment: str) -> str:
    """What pytest says of a test file in a run with the project's settings and walls."""
    (folder / "test_planted.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}", "-rA"]
    command += ["-p", "tests.walls.plugin", "--no-header", str(folder / "test_planted.py")]
    clean = {name: value for name, value in os.environ.items() if name != "MAILYARD_REQUIRE"}
    variables = {**clean, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen", **environment}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=LIMIT_S)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    return run(tmp_path_factory.mktemp("planted"), PLANTED, MAILYARD_REQUIRE="shared")


@pytest.mark.parametrize(("test", "words"), OUTCOMES.items())
def test_a_planted_breach_fails_its_test(test: str, words: str, said: str) -> None:
    told = [line for line in said.splitlines() if line.endswith(f"::{test}") or f"::{test} " in line]
    failed = any(line.startswith(("FAILED", "ERROR")) for line in told)

    assert told, said
    assert failed == bool(words), said
    assert words in said


def test_every_planted_test_has_an_outcome() -> None:
    planted = {line.split("(")[0].removeprefix("def ") for line in PLANTED.splitlines() if line.startswith("def test_")}

    assert planted == set(OUTCOMES)


def test_a_skip_is_no_failure_where_nothing_is_required(tmp_path: Path) -> None:
    assert "1 skipped" in run(tmp_path, "import pytest\ndef test_skip():\n    pytest.skip('no reason at all')\n")


def test_a_skipped_module_fails_too(tmp_path: Path) -> None:
    text = "import pytest\npytest.skip('not today', allow_module_level=True)\n"

    assert "does not allow: not today" in run(tmp_path, text, MAILYARD_REQUIRE="shared")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("10.77.3.4", True),
        ("10.78.0.1", False),
        ("192.168.1.1", False),
        ("8.8.8.8", False),
        ("2001:db8::1", False),
        ("fe80::1%eth0", False),
        ("example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_addresses_tests_may_reach(host: str, expected: bool) -> None:
    assert is_allowed(host) is expected


def test_what_a_test_logs_can_go_from_a_worker_to_the_one_that_reports() -> None:
    """A lone surrogate in what was logged must not end the worker: no test after it would run."""
    assert sendable("a\udc80b") == "a\\udc80b"
    assert sendable("größer, 日本語") == "größer, 日本語"


def test_what_a_test_revealed_is_not_known_to_the_next() -> None:
    net = Redactor()
    net.watch("of the session 4711")
    with as_before(net):
        net.watch("of one test 4711")
        assert net.redact("of one test 4711") == MASK

    assert net.redact("of one test 4711, of the session 4711") == f"of one test 4711, {MASK}"
