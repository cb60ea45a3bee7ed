"""Tags, a note and maintenance of a server from the command line: set, asked for, refused."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from sqlalchemy import select

from app.cli import server_notes
from app.cli.output import Exit
from backend.core.secrets.values import Secret
from backend.servers.queries import LOGIN_KEY_LASTS, Servers
from backend.store.schema.fleet import Server
from backend.store.schema.operations import RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.app.cli.command import Commands
from tests.installation import ask, open_installation
from tests.sample_data.servers import add_fleet, server_name

NAME = server_name(1)


@pytest.fixture
def fleet(tmp_path: Path, commands: Commands) -> Commands:
    installation = open_installation(tmp_path / "data")
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    add_fleet(installation, 12)
    installation.close()
    return commands


def test_tags_a_note_and_maintenance_are_set_and_asked_for(fleet: Commands) -> None:
    assert fleet.asks("server", "tag", NAME, "Pilot", "eu", "--json") == {"name": NAME, "tags": ["eu", "pilot"]}
    assert fleet.asks("server", "tag", NAME, "--remove", "eu", "--json")["tags"] == ["pilot"]
    assert fleet.run("server", "tag", NAME).out.strip() == "pilot"
    assert fleet.asks("server", "note", NAME, "Call Ann first.", "--json")["note"] == "Call Ann first."
    assert fleet.run("server", "note", NAME).out.strip() == "Call Ann first."

    began = datetime.now(UTC)
    told = fleet.asks("server", "maintenance", NAME, "2h", "--json")["maintenance_until"]
    assert timedelta(hours=2) <= datetime.fromisoformat(told) - began < timedelta(hours=2, minutes=2)
    (row,) = [each for each in fleet.asks("server", "list", "--json") if each["name"] == NAME]
    assert (row["tags"], row["note"], row["maintenance_until"]) == (["pilot"], "Call Ann first.", told)
    assert fleet.asks("server", "maintenance", NAME, "--end", "--json")["maintenance_until"] is None


def test_keys_are_renewed_of_named_servers_or_of_those_that_are_due(fleet: Commands) -> None:
    for wrong in ((), (NAME, "--due")):
        assert "or pass --due" in fleet.run("server", "rotate-key", *wrong, code=Exit.USAGE).err
    assert "No SSH key is due." in fleet.run("server", "rotate-key", "--due").out
    refused = fleet.run("server", "rotate-key", NAME, "--overlap-hours", "169", code=Exit.REFUSED)
    assert "at most 168 hours" in refused.err


def test_where_nobody_could_renew_them_nothing_is_asked_for(fleet: Commands) -> None:
    installation = open_installation(fleet.folder)
    installation.client.keep_secret_now("api_keys", AGENCY, Secret("a token that is kept"))
    with installation.store.write(ENGINE_SCOPE) as session:
        for row in session.scalars(select(Server).where(Server.name.in_([NAME, server_name(2)]))):
            row.is_ours, row.life, row.login_key_since = True, "active", installation.clock.now() - 2 * LOGIN_KEY_LASTS
    rows = ask(installation, Servers(Scope.of(AGENCY)))
    assert sum(row.key_due_at is not None and row.key_due_at < installation.clock.now() for row in rows) > 1
    installation.close()

    fleet.run("server", "rotate-key", "--due", passphrase="not the passphrase", code=Exit.LOCKED)

    installation = open_installation(fleet.folder)
    with installation.store.read(ENGINE_SCOPE) as session:
        assert session.scalars(select(RequestRow)).all() == []
    installation.close()


FAR = ["9" * 12 + "d", "9" * 5000 + "h", "0001-01-01", "0001-01-01T00:00+14:00"]


@pytest.mark.parametrize("until", FAR, ids=["days", "digits", "the first year", "before it"])
def test_a_time_no_clock_has_is_refused_with_words(
    until: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        with pytest.raises(typer.Exit) as ended:
            server_notes._moment(until)
    finally:
        monkeypatch.undo()
        time.tzset()

    assert ended.value.exit_code == Exit.USAGE
    assert capsys.readouterr().err.endswith("' is too far away.\n")


def test_the_end_of_time_is_beyond_the_longest_maintenance(fleet: Commands) -> None:
    refused = fleet.run("server", "maintenance", NAME, "9999-12-30", code=Exit.REFUSED)

    assert "at most 30 days" in refused.err


def test_a_time_that_is_none_or_has_passed_is_told(fleet: Commands) -> None:
    fleet.run("server", "maintenance", NAME, "soon", code=Exit.USAGE)
    assert (
        "That time has passed." in fleet.run("server", "maintenance", NAME, "2020-01-01 10:00", code=Exit.REFUSED).err
    )
