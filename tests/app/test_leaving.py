"""What is asked before the engine ends with its last window: what stops, and what must not stay as it stands."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from app.shell.desktop.tray import TrayControl
from backend.engine.payload import Request
from backend.engine.unfinished import HalfWay, Unfinished, UnfinishedJobs
from backend.mail.change.requests import PowerMail
from backend.mail.requests import UpgradeMail
from backend.store.scope import AGENCY, Scope
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.installation import ask, held_installation
from tests.sample_data.jobs import add_waiting
from tests.sample_data.servers import server_id
from widgets.sheet import Sheet

SERVER, TITLE = "mx1.example.net", "Upgrade the mail server"
UPGRADE, RESTART = UpgradeMail(server_id(1)), PowerMail(server_id(1), "restart")


def opened(new_console: NewConsole, folder: Path, at: str, *, has_tray: bool) -> tuple[Person, TrayControl]:
    """At a window whose engine has an upgrade at that step, once it is known."""
    with held_installation(folder) as installation:
        add_waiting(installation, UPGRADE, at, about=SERVER)
    person = new_console()
    tray = person.window.tray
    assert tray is not None
    tray.has_tray = lambda: has_tray  # type: ignore[method-assign]
    person.wait(lambda: tray._unfinished is not None, "what is unfinished")
    return person, tray


STANDS: dict[str, tuple[Request, str, str, bool]] = {
    "before mail is stopped": (UPGRADE, "pull", "forward", False),
    "while mail is stopped": (UPGRADE, "copy", "forward", True),
    "after mail runs again": (UPGRADE, "note", "forward", False),
    "on the way back": (UPGRADE, "files", "returning", True),
    "while containers are started anew": (RESTART, "restart", "forward", True),
    "while they get well by themselves": (RESTART, "well", "forward", False),
}


@pytest.mark.parametrize(("request_", "at", "direction", "stands"), STANDS.values(), ids=STANDS)
def test_what_mail_stands_still_in_is_told_from_what_may_wait(
    tmp_path: Path, request_: Request, at: str, direction: str, stands: bool
) -> None:
    with held_installation(tmp_path / "data") as installation:
        add_waiting(installation, request_, at, about=SERVER, direction=direction)

        told = ask(installation, UnfinishedJobs(Scope.of(AGENCY), installation.kinds))

        title = installation.kinds[request_.kind].title
    assert told == Unfinished(1, (HalfWay(SERVER, title),) if stands else ())


def test_leaving_half_way_names_the_server_and_staying_is_the_default(new_console: NewConsole, tmp_path: Path) -> None:
    person, _tray = opened(new_console, tmp_path / "data", "copy", has_tray=False)

    person.window.close()
    sheet = person.dialog(Sheet)

    assert person.window.isVisible()
    assert person.sees(SERVER, sheet)
    assert person.sees(TITLE, sheet)
    assert person.sees("mail may stand still there until an engine runs again", sheet)
    assert sheet.keep.hasFocus()
    sheet.keep.click()
    assert person.window.isVisible()


@pytest.mark.parametrize(("at", "asks"), [("copy", True), ("pull", False)])
def test_quit_in_the_tray_asks_where_something_is_half_way(
    new_console: NewConsole, tmp_path: Path, at: str, asks: bool
) -> None:
    person, tray = opened(new_console, tmp_path / "data", at, has_tray=True)
    person.window.close()
    assert not person.window.isVisible()

    tray._quit()

    if asks:
        assert person.sees(SERVER, person.dialog(Sheet))
    assert person.window.isVisible() == asks


def test_jobs_of_every_workspace_are_told_whichever_is_looked_at(new_console: NewConsole, tmp_path: Path) -> None:
    person, tray = opened(new_console, tmp_path / "data", "copy", has_tray=False)
    tray._unfinished = None

    person.services.view.choose(uuid4())
    person.wait(lambda: tray._unfinished is not None, "the other workspace")

    assert not tray.may_close()
    assert person.sees(SERVER, person.dialog(Sheet))
