"""In the real window: account, wizard, job, ready server, living charts; what other processes do, on screen at once.

A real host stands behind the emulated provider: real cloud-init, real sshd, real figures.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.pages.servers.wizard import NewServerWizard
from backend.store.scope import ENGINE_SCOPE
from tests.app.accounts import add_account
from tests.app.headless import headless_engine
from tests.app.person import Person
from tests.backend.providers.cases import CASES, DIGITALOCEAN, Case
from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE
from tests.lab.machines import MachinesServer
from tests.requirements import ROOT
from widgets.sheet import Sheet

pytestmark = pytest.mark.lab

JOB_S = 240.0


def connect(person: Person, emulator: Emulator) -> None:
    """An account whose token was proved."""
    add_account(person, emulator)
    table = person.settings_part("accounts").table
    person.wait(lambda: table.records.rows and table.records.rows[0].state == "verified", "the account")


def order(person: Person, name: str, case: Case = DIGITALOCEAN) -> None:
    person.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    wizard = person.dialog(NewServerWizard)
    person.wait(lambda: wizard.region.findData(case.order["region"]) >= 0, "the offers")
    wizard.region.setCurrentIndex(wizard.region.findData(case.order["region"]))
    wizard.plans.choose(case.order["plan"])
    wizard.image.setCurrentIndex(wizard.image.findData(case.order["image"]))
    person.enter(wizard.name, name)
    person.click(wizard.order)


def until_ready(person: Person, name: str) -> None:
    """Watch the job in Activity to its end."""
    page = person.job(f"New server {name}")
    try:
        person.wait(lambda: page.detail.badge.text() in ("Done", "Failed"), "the job to end", JOB_S)
    except AssertionError as error:
        raise AssertionError(f"{error}: {page.detail.badge.text()} {page.detail.banner.text} {_told(page)}") from error
    assert page.detail.badge.text() == "Done", page.detail.banner.text
    assert all(line.time for line in page.detail.progress.lines)


def chosen(person: Person, name: str) -> Any:
    page = person.servers()
    person.wait(lambda: any(row.name == name for row in page.table.records.rows), f"{name} in the list")
    page.choose(next(row.id for row in page.table.records.rows if row.name == name))
    return page


def command(folder: Path, *words: str) -> subprocess.Popen[str]:
    """``mailyard`` beside the window, with the passphrase on a descriptor of its own."""
    read_end, write_end = os.pipe()
    os.write(write_end, f"{PASSPHRASE.reveal()}\n".encode())
    os.close(write_end)
    options = ["--data-dir", str(folder), "--passphrase-fd", str(read_end)]
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *options, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=(read_end,),
    )
    os.close(read_end)
    return process


@pytest.fixture(params=CASES, ids=lambda case: case.kind)
def cloud(
    request: pytest.FixtureRequest, new_emulator: Callable[..., Emulator], machines: MachinesServer
) -> Iterator[tuple[Case, Emulator]]:
    """Each provider, with lab hosts behind it."""
    emulator = new_emulator(kind=request.param.kind, machines=machines.path)
    yield request.param, emulator
    emulator.close()
    machines.delete_all()


@pytest.mark.timeout(600)
@pytest.mark.proof("a story in the window")
def test_from_an_account_to_a_living_chart(person: Person, cloud: tuple[Case, Emulator]) -> None:
    case, emulator = cloud
    connect(person, emulator)
    order(person, "mx1.example.net", case)
    until_ready(person, "mx1.example.net")

    page = chosen(person, "mx1.example.net")
    person.wait(lambda: page.detail.badge.text() == "OK", "its health")
    charts = page.detail.live_charts
    assert charts is not None
    person.wait(lambda: page.detail.live.samples >= 3, "three live samples")
    first, shown = charts._times[-1], charts.shown_span()
    person.wait(lambda: charts._times[-1] > first and charts.shown_span()[1] > shown[1], "the chart to move")
    person.wait(lambda: page.table.records.columns[1].text(page.table.records.rows[0]).isdigit(), "its figures")

    page.acts["destroy"].trigger()
    sheet = person.dialog(Sheet)
    person.enter(sheet.typed, "mx1.example.net")
    person.click(sheet.act)
    person.wait(lambda: emulator.counters()["servers"] == [], "the server to be gone", JOB_S)
    page = person.servers()
    try:  # at the job's next look: UNKNOWN_YET is no grace of a server that its provider knew and was told to delete
        person.wait(lambda: not page.table.records.rows, "the list to be empty", JOB_S)
    except AssertionError as error:
        raise AssertionError(f"{error}: {page.table.records.rows} {_jobs(person)}") from error
    assert page.empty.isVisible()


def test_what_a_command_does_is_on_screen_while_it_does_it(person: Person, emulator_with_machines: Emulator) -> None:
    """Its row long before its end; how soon after its commit is measured: benchmarks/commit_to_screen.py."""
    connect(person, emulator_with_machines)
    page = person.servers()
    folder = person.installation.folder.root
    words = ("server", "create", "mx2.example.net", "--account", "Main", "--region", "fra1", "--plan", "s-1vcpu-2gb")
    with command(folder, *words, "--yes") as process:
        person.wait(lambda: page.table.records.rows, "the row on the screen", JOB_S)
        assert page.table.records.rows[0].life != "active"
        assert process.poll() is None
        person.wait(lambda: process.poll() is not None, "the command to end", JOB_S)
        said = process.stdout.read() if process.stdout else ""
    assert process.returncode == 0, said
    person.wait(lambda: page.table.records.rows[0].life == "active", "the ready server")


def test_a_window_beside_a_headless_engine_does_the_same(
    new_console: Any, tmp_path: Path, emulator_with_machines: Emulator
) -> None:
    folder = tmp_path / "data"
    with headless_engine(folder):
        person = new_console(folder)
        assert person.installation.engine is None
        connect(person, emulator_with_machines)
        order(person, "mx3.example.net")
        until_ready(person, "mx3.example.net")

        page = chosen(person, "mx3.example.net")
        charts = page.detail.live_charts
        assert charts is not None
        person.wait(lambda: page.detail.live.samples >= 3, "live samples from the other process")


def _told(page: Any) -> list[tuple[str, str]]:
    return [(line.title, line.note) for line in page.detail.progress.lines if line.status is not None]


def _jobs(person: Person) -> list[tuple[str, str, str | None, dict[str, str]]]:
    """Every job as its rows say it, for whoever waited for one in vain."""
    from sqlalchemy import select

    from backend.store.schema.operations import Job, JobStep

    with person.installation.store.read(ENGINE_SCOPE) as session:
        steps = session.scalars(select(JobStep)).all()
        told = {job.id: (job.kind, job.state, job.cause) for job in session.scalars(select(Job))}
    return [
        (*told[job], {step.key: f"{step.state} {step.note}" for step in steps if step.job_id == job}) for job in told
    ]
