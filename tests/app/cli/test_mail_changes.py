"""A mail server that runs is changed by commands: what would be done is shown first, and done with a yes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.cli.output import Exit
from backend.demo.fleet.mail import RESTARTING, SIZES
from backend.mail.refs import admin_ref
from backend.mailu.files import ENV_PATH
from tests.app.cli.command import Commands, NewCommands
from tests.backend.demo.fleet.opened import Opened, opened_demo

NAME = next(name for name in SIZES if name not in RESTARTING)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_demo(tmp_path_factory.mktemp("changes"), has_engine=True) as made:
        yield made


@pytest.fixture
def commands(opened: Opened, new_commands: NewCommands) -> Commands:
    return new_commands(opened.folder.root)


def env(opened: Opened) -> list[str]:
    with opened.installation.servers.session(opened.servers()[NAME].id) as ssh:
        return ssh.get(ENV_PATH).decode().splitlines()


def test_a_change_is_shown_and_waits_for_a_yes(opened: Opened, commands: Commands) -> None:
    waiting = commands.run("mail", "set", NAME, "--message-mb", "30", passphrase=None, code=Exit.WAITS_FOR_YOU)
    assert "MESSAGE_SIZE_LIMIT: 50000000 → 30000000" in waiting.err
    assert "MESSAGE_SIZE_LIMIT=50000000" in env(opened)

    job = waiting.err.split("mailyard jobs confirm ")[1].split()[0]
    commands.run("jobs", "confirm", job, "--yes", passphrase=None)

    assert "MESSAGE_SIZE_LIMIT=30000000" in env(opened)
    assert commands.asks("mail", "settings", NAME)["settings"]["message_mb"] == 30


def test_with_a_yes_it_is_shown_and_done(opened: Opened, commands: Commands) -> None:
    done = commands.run("mail", "set", NAME, "--message-mb", "50", "--no-macros", "--yes", "--json", passphrase=None)

    assert done.json["state"] == "succeeded"
    assert "SCAN_MACROS: true → false" in done.err
    assert {"MESSAGE_SIZE_LIMIT=50000000", "SCAN_MACROS=false"} <= set(env(opened))


def test_it_is_stopped_started_restarted_and_gets_another_token(opened: Opened, commands: Commands) -> None:
    def state() -> str:
        return str(next(row["state"] for row in commands.asks("mail", "status") if row["server"] == NAME))

    commands.run("mail", "stop", NAME, "--yes", passphrase=None)
    assert state() == "stopped"
    refused = commands.run("mail", "renew-token", NAME, "--yes", passphrase=None, code=Exit.REFUSED)
    assert "The mail server does not run. Start it first." in " ".join(refused.err.split())
    commands.run("mail", "start", NAME, passphrase=None)
    commands.run("mail", "restart", NAME, "--yes", passphrase=None)
    assert state() == "running"

    before = [line for line in env(opened) if line.startswith("API_TOKEN=")]
    renewed = commands.run("mail", "renew-token", NAME, "--yes", passphrase=None)
    after = [line for line in env(opened) if line.startswith("API_TOKEN=")]
    assert (len(after), after == before) == (1, False)
    assert after[0].partition("=")[2] not in renewed.out + renewed.err
    commands.run("mail", "refresh", NAME, passphrase=None)


def test_the_administrator_gets_another_password_that_is_told_to_nobody(opened: Opened, commands: Commands) -> None:
    ref = admin_ref(opened.servers()[NAME].id)
    before = opened.installation.secrets.read(ref)

    renewed = commands.run("mail", "renew-password", NAME, "--yes", "--json", passphrase=None)

    after = opened.installation.secrets.read(ref)
    assert renewed.json["state"] == "succeeded"
    assert after != before
    assert after.reveal() not in renewed.out + renewed.err
