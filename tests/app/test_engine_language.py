"""What the engine beside a window writes is read in the language of the reader; its log speaks that of the window."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.shell.session.engine_runner import engine_command
from backend.accounts.requests import AddAccount
from backend.bootstrap import Installation
from backend.core.paths import DataFolder
from backend.core.present.text import activate
from backend.core.secrets.values import Secret
from backend.fleet.requests import RefreshInventory
from backend.store.schema.operations import RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.beside import END_S, NewBeside, until_running
from tests.app.beside import folder as folder
from tests.app.beside import new_beside as new_beside
from tests.app.test_language import speak
from tests.emulators.process import Emulator
from tests.installation import Driver, open_installation, until
from tests.requirements import ROOT

GERMAN, ENGLISH = "Dieses Konto gibt es nicht mehr.", "This account no longer exists."


@pytest.fixture
def german(folder: Path) -> Iterator[Path]:
    """The folder of a person who chose German."""
    DataFolder(folder).prepare()
    (folder / "settings.json").write_text(json.dumps({"language": "de"}))
    yield folder
    activate("en")


def refused(installation: Installation) -> UUID:
    """A request for an account that is not there, once the engine refused it."""
    request = installation.client.submit_now(AGENCY, RefreshInventory(uuid4()))
    until(lambda: refusal(installation, request), "the refusal")
    return request


def refusal(installation: Installation, request: UUID) -> str | None:
    """The words of it, as they are read now."""
    with installation.store.read(ENGINE_SCOPE) as session:
        return session.get_one(RequestRow, (AGENCY, request)).refusal


def logged(folder: Path) -> str:
    """The newest refusal in the log of the engine."""
    return [line for line in (folder / "logs" / "engine.log").read_text().splitlines() if "was refused" in line][-1]


def test_the_engine_of_a_german_window_speaks_german_until_the_person_chooses_another(
    german: Path, new_beside: NewBeside, emulator: Emulator
) -> None:
    person = new_beside()
    first = refused(person.installation)
    assert GERMAN in str(refusal(person.installation, first))
    assert GERMAN in logged(german)
    client, driver = person.installation.client, Driver(person.installation)
    ref = client.keep_secret_now("api_keys", AGENCY, Secret(emulator.token))
    account = AddAccount(uuid4(), "Main", "digitalocean", ref.path, emulator.url)
    assert driver.wait_for(client.submit_now(AGENCY, account)).state == "succeeded"
    job = driver.wait_for(client.submit_now(AGENCY, RefreshInventory(account.account_id)))
    assert [step.note for step in driver.steps(job.id)] == ["0 Server, 0 fehlen"]

    speak(person, "en")

    second = refused(person.installation)
    assert ENGLISH in logged(german)
    for request in (first, second):
        assert ENGLISH in str(refusal(person.installation, request))
    assert [step.note for step in driver.steps(job.id)] == ["0 servers, 0 missing"]


def test_an_engine_that_no_window_has_spoken_to_yet_speaks_the_language_that_was_chosen(german: Path) -> None:
    """Another program reads what it wrote in its own."""
    engine = subprocess.Popen(engine_command(DataFolder(german), is_demo=False), cwd=ROOT)
    installation = open_installation(german)
    try:
        until_running(german)
        request = refused(installation)
        assert GERMAN in logged(german)
        assert ENGLISH in str(refusal(installation, request))
        activate("de")
        assert GERMAN in str(refusal(installation, request))
    finally:
        installation.close()
        engine.terminate()
        engine.wait(timeout=END_S)
