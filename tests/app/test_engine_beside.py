"""The engine as a process beside the window: begun, adopted, ended, killed, unlocked and kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox

from app.application import Console
from app.shell.session import engine_runner
from backend.accounts.requests import AddAccount
from backend.bootstrap import Installation
from backend.core.paths import DataFolder
from backend.core.secrets.values import Secret
from backend.engine import child
from backend.engine.last_window import GRACE_S
from backend.engine.unfinished import Unfinished
from backend.store.scope import AGENCY
from tests.app.beside import END_S, NewBeside, is_gone, left_engine, living, unlock, until_running
from tests.app.beside import folder as folder
from tests.app.beside import new_beside as new_beside
from tests.app.person import Person
from tests.app.window import close_console, wait_until
from tests.app.window_process import window_process
from tests.emulators.process import Emulator
from tests.installation import Driver, choices, open_installation, until
from tests.requirements import ROOT
from tests.sample_data.servers import add_fleet
from widgets.sheet import Sheet

#: All that run in the window's process, by the beginnings of their names.
OF_THE_WINDOW = ("MainThread", "opening", "reader", "requests", "change-feed", "engine-child", "live-follower")
#: What the log of an engine says of its windows.
LEFT_IN_ORDER, STAYS = "A window closed", "No window is left, and the engine stays"
#: Longer than any test lasts.
NEVER_S = 1e9


def until_told(person: Person, words: str) -> Any:
    """The banner of an engine that has stopped, which says so in these words."""
    assert person.window.global_errors is not None
    banner = person.window.global_errors.engine
    person.wait(lambda: words in banner.text, "the notice")
    return banner


def engine_log(folder: Path) -> str:
    return (folder / "logs" / "engine.log").read_text()


def tried_at(driver: Driver, job: UUID) -> datetime:
    """When the engine last tried a step of a job."""
    return max(step.began_at for step in driver.steps(job) if step.began_at is not None)


@pytest.fixture
def silent(emulator: Emulator) -> Emulator:
    """A provider nobody can reach until it is started."""
    emulator.kill()
    return emulator


def waiting_job(folder: Path, silent: Emulator) -> tuple[Installation, Driver, Any]:
    """A job of a client beside, which waits for its provider; the client is the caller's to close."""
    beside = open_installation(folder)
    driver = Driver(beside)
    ref = beside.client.keep_secret_now("api_keys", AGENCY, Secret(silent.token))
    job = beside.client.submit_now(AGENCY, AddAccount(uuid4(), "Main", "digitalocean", ref.path, silent.url))
    driver.wait_for(job, "waiting_until")
    return beside, driver, job


def test_the_window_begins_its_engine_and_is_its_client(new_beside: NewBeside, folder: Path) -> None:
    before = {thread.name for thread in threading.enumerate()}
    person = new_beside()

    holder = until_running(folder)
    assert (holder.role, person.installation.engine) == ("console", None)
    assert holder.pid != os.getpid()
    person.wait(lambda: person.window.status.words("engine") == "Engine running", "the status bar")
    names = [thread.name for thread in threading.enumerate() if thread.name not in before]
    assert [name for name in names if not name.startswith(OF_THE_WINDOW)] == []


def test_the_window_imports_nothing_of_an_engine(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.application import Console, turn_until
from backend.core.paths import DataFolder
console = Console(QApplication([]), DataFolder(Path(sys.argv[1])), has_engine_beside=True)
console.start()
turn_until(lambda: console.engine.is_running and console.engine_start.is_done, 90)
found = {"apscheduler", "paramiko", "httpx", "psycopg", "backend.engine.engine", "backend.engine.workers"}
found = {"running"} - ({"running"} if console.engine.is_running else set()) | found & set(sys.modules)
console.window.tray.quit()
console.close()
console.wait_for_engine()
sys.exit(", ".join(sorted(found)) or 0)
"""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", script, str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=120)

    assert done.returncode == 0, done.stderr


def test_an_engine_on_postgresql_is_begun_beside_and_ends(
    qapp: QApplication, tmp_path: Path, postgres_url: str
) -> None:
    console = Console(qapp, DataFolder(tmp_path / "data"), database_url=postgres_url, has_engine_beside=True)
    console.start()
    wait_until(lambda: console.engine.is_running, "the engine", 120)
    assert console.installation is not None
    holder = console.installation.lock.living_holder()
    assert holder is not None
    assert holder.pid != os.getpid()

    close_console(console)

    until(lambda: is_gone(holder), "the engine to end", END_S)
    elsewhere = open_installation(tmp_path / "elsewhere", database_url=postgres_url)
    assert elsewhere.lock.living_holder() is None
    elsewhere.close()


def test_while_a_command_is_the_engine_the_windows_stands_by(
    qapp: QApplication, folder: Path, new_beside: NewBeside
) -> None:
    command = open_installation(folder)
    assert command.lock.take("command", command.clock.now())
    command.prepare_store()
    console = Console(qapp, DataFolder(folder), choices(), has_engine_beside=True)
    try:
        console.start()
        wait_until(lambda: console.engine_start.is_done, "the console")
        words = "Engine runs in another process"
        wait_until(lambda: console.window.status.words("engine") == words, "the command to be seen")
        command.close()
        wait_until(lambda: console.window.status.words("engine") == "Engine running", "the engine to follow", END_S)
    finally:
        close_console(console)


def test_a_window_opened_while_the_last_one_closes_has_an_engine(
    new_beside: NewBeside, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one of before, or another one where that had begun to end: nobody waits for the end of what stays."""
    first = new_beside()
    first.close()

    second = new_beside()

    monkeypatch.setattr(engine_runner, "END_S", NEVER_S)
    first.console.wait_for_engine()
    second.wait(lambda: second.console.engine.is_running and living(folder) is not None, "the second's engine")


def test_closing_the_last_window_ends_its_engine(new_beside: NewBeside, folder: Path) -> None:
    """It ends because it was told so, not because no window came back in its time."""
    person = new_beside()
    holder = until_running(folder)

    person.close()

    until(lambda: living(folder) is None and is_gone(holder), "the engine to end", END_S)
    assert LEFT_IN_ORDER in engine_log(folder)
    assert "Traceback" not in engine_log(folder)
    assert not list(folder.glob("engine*.sock"))


def test_closing_says_what_stops_with_the_engine_beside(new_beside: NewBeside, folder: Path) -> None:
    with_fleet = open_installation(folder)
    assert with_fleet.lock.take("test", with_fleet.clock.now())
    with_fleet.prepare_store()
    add_fleet(with_fleet, 3)
    with_fleet.close()
    person = new_beside()
    tray = person.window.tray
    assert tray is not None
    tray.has_tray = lambda: False  # type: ignore[method-assign]
    person.wait(lambda: tray._unfinished is not None, "what is unfinished")
    tray.take(Unfinished(2))

    person.window.close()

    sheet = person.dialog(Sheet)
    assert person.sees("2 jobs", sheet)
    person.click(sheet.act)
    person.wait(lambda: not person.window.isVisible(), "the window to close")


@pytest.mark.slow
def test_a_window_that_dies_stops_no_job_and_its_engine_ends_by_itself(folder: Path, silent: Emulator) -> None:
    with window_process(folder) as window:
        holder = until_running(folder)
        beside, driver, job = waiting_job(folder, silent)
        window.kill()
        window.wait(timeout=END_S)
    try:
        gone_at = beside.clock.now()
        until(lambda: tried_at(driver, job) > gone_at + timedelta(seconds=GRACE_S), "another try by it", END_S)
        assert living(folder) == holder
        silent.start()
        driver.act(job, "job.retry")
        driver.wait_for(job)
        until(lambda: living(folder) is None and is_gone(holder), "the engine to end by itself", END_S)
    finally:
        beside.close()


def test_the_next_window_adopts_the_engine_and_ends_it(new_beside: NewBeside, folder: Path) -> None:
    holder = left_engine(folder)

    person = new_beside()

    assert living(folder) == holder
    person.wait(lambda: person.window.status.words("engine") == "Engine running", "the status bar")
    person.console.settings.change(keep_engine=False)
    person.close()
    until(lambda: living(folder) is None and is_gone(holder), "the engine to end", END_S)


def test_an_engine_that_is_killed_is_shown_and_begun_again_by_a_click(
    new_beside: NewBeside, folder: Path, silent: Emulator
) -> None:
    person = new_beside()
    unlock(person.console)
    holder = until_running(folder)
    beside, driver, job = waiting_job(folder, silent)
    try:
        os.kill(holder.pid, signal.SIGKILL)
        banner = until_told(person, "The engine has stopped")
        assert person.window.status.words("engine") == "No engine running"
        assert banner.action.text() == "Start the engine again"
        silent.start()

        person.click(banner.action)

        person.wait(lambda: person.window.status.words("engine") == "Engine running", "the new engine")
        assert until_running(folder).pid != holder.pid
        person.wait(lambda: not banner.isVisible(), "the notice to go")
        driver.wait_for(job)
    finally:
        beside.close()


def test_an_engine_that_dies_at_once_again_and_again_is_told_with_its_log(
    new_beside: NewBeside, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "EARLY_S", NEVER_S)
    person = new_beside()
    for words in ("The engine has stopped", "The engine ended again at once."):
        person.wait(lambda: person.console.engine.is_running, "the engine")
        os.kill(until_running(folder).pid, signal.SIGKILL)
        person.wait(lambda: not person.console.engine.is_running, "its end")
        banner = until_told(person, words)
        if words == "The engine has stopped":
            person.click(banner.action)

    assert str(folder / "logs") in banner.text
    until(lambda: "engine-child" not in [thread.name for thread in threading.enumerate()], "the end of what begins it")
    assert living(folder) is None  # nothing begins it but a person

    person.click(banner.action)
    person.wait(lambda: person.window.status.words("engine") == "Engine running", "the new engine")


def test_an_engine_told_to_stay_stays_and_is_ended_by_the_command(new_beside: NewBeside, folder: Path) -> None:
    person = new_beside()
    holder = until_running(folder)
    keep: QCheckBox = person.settings_part("engine").keep
    assert not keep.isChecked()
    keep.click()
    person.press(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    person.close()
    until(lambda: STAYS in engine_log(folder), "the engine to decide")
    assert living(folder) == holder

    done = subprocess.run(
        [sys.executable, "-m", "app", "--data-dir", str(folder), "engine", "stop"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, "engine: stopped" in done.stdout) == (0, True), done
    assert living(folder) is None
