"""What commands answer: JSON whose keys stand, tables for people, and nothing that steers the terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.cli.output import clean
from tests.app.cli.command import Commands
from tests.emulators.process import Emulator
from tests.fleet.jobs import add_jobs
from tests.fleet.orphans import LOST_SERVER, add_orphans
from tests.fleet.servers import add_fleet
from tests.installation import open_installation

EVIL = "\x1b[2J\x1b]0;owned\x07 \u202egnp.exe\x9b31m\r\n"
KEYS = {
    ("jobs", "list"): """workspace id kind title about about_id author state direction percent step_title cause remedy
        is_retryable is_from_timetable wished_at started_at ended_at resume_at""",
    ("account", "list"): """id name provider state note holder scopes can_write token_ends_at servers verified_at
        looked_at endpoint_url""",
    ("server", "list"): """id name life power health health_note provider account account_id region plan vcpus memory_mb
        disk_gb address is_ours can_enter first_contact monthly_micro currency workspaces workspace_ids
        sampled_at seen_at created_at""",
    ("provider", "list"): "kind name address is_driven recipe cells",
    ("doctor",): "what verdict words remedy",
    ("metrics", "mx1.acme-dental.example"): """at cpu memory disk inodes network_in network_out load swap steal iowait
        processes queue""",
}
DIRTY = [
    ("plain", "plain"),
    ("Zoë – mx1 · 12 €", "Zoë – mx1 · 12 €"),
    ("a\x1b[2Jb", "a\\x1b[2Jb"),
    ("a\rb\nc\td", "a\\rb\\nc\\td"),
    ("a\x9b31mb\x7f", "a\\x9b31mb\\x7f"),
    ("a\u202eb\u2066c\u200bd", "a\\u202eb\\u2066c\\u200bd"),
    ("a\u2028b", "a\\u2028b"),
    ("a\ud800b", "a\\ud800b"),
]


@pytest.fixture
def fleet(tmp_path: Path, commands: Commands) -> Commands:
    """A command line on the test fleet."""
    installation = open_installation(tmp_path / "data")
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    add_fleet(installation, 12)
    add_jobs(installation)
    add_orphans(installation)
    installation.close()
    return commands


@pytest.mark.parametrize(("text", "shown"), DIRTY)
def test_what_steers_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_an_empty_installation_is_an_empty_list(commands: Commands) -> None:
    for what in ("jobs", "account", "server"):
        assert commands.asks(what, "list") == []
    assert commands.run("jobs", "list", passphrase=None).out == "No jobs yet.\n"


def test_the_keys_of_json_stand(fleet: Commands) -> None:
    for arguments, keys in KEYS.items():
        answer = fleet.asks(*arguments)
        assert answer, arguments
        assert all(set(row) == set(keys.split()) for row in answer), arguments
    shown = fleet.asks("server", "show", "mx1.acme-dental.example")
    assert set(shown) == {"server", "addresses", "snapshots", "held", "events"}
    assert set(fleet.asks("jobs", "show", fleet.the_job()["id"])) == {
        *("job", "steps", "question", "log", "ours_s", "waited_s")
    }


def test_tables_name_jobs_by_short_ids_and_times_by_their_zone(fleet: Commands) -> None:
    lines = fleet.run("jobs", "list").out.splitlines()

    assert lines[0].split()[:3] == ["ID", "TITLE", "ABOUT"]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+02", lines[1])
    short = lines[1].split()[0]
    assert len(short) == 8
    assert fleet.asks("jobs", "show", short)["job"]["id"].startswith(short)
    several = fleet.run("jobs", "show", "", code=5)
    assert "jobs begin with" in several.err


def test_orphans_are_shown_with_their_price_and_what_could_not_be_looked_at(fleet: Commands) -> None:
    shown = fleet.run("orphans")

    head, *rows = shown.out.splitlines()
    assert head.split() == ["NAME", "RESOURCE", "ACCOUNT", "REGION", "PLAN", "FOUND", "AT", "PROVIDER", "ID", "MONTHLY"]
    assert next(row for row in rows if row.startswith(LOST_SERVER)).endswith("4711         12.00 USD")
    assert "Main, ssh_key: could not be looked at: DigitalOcean cannot be reached." in shown.err
    assert set(fleet.asks("orphans")["orphans"][0]) >= {"name", "resource", "monthly_micro", "provider_id"}


def test_names_and_notes_of_others_cannot_steer_the_terminal(commands: Commands, emulator: Emulator) -> None:
    emulator.fault("changed", path="/v2/account", changes={"account.email": EVIL})
    added = commands.add(emulator, f"Main {EVIL}")

    texts = [added.err, *(commands.run(*each).out for each in (("account", "list"), ("jobs", "list")))]
    texts.append(commands.run("jobs", "show", commands.the_job()["id"]).out)

    assert "\\x1b[2J" in "".join(texts)
    for text in texts:
        assert clean(text.replace("\n", "")) == text.replace("\n", "")
    raw = commands.run("account", "list", "--json").out
    assert json.loads(raw)[0]["holder"] == EVIL
    assert raw.isascii()


def test_a_changing_command_answers_with_its_job(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)

    job = commands.run("account", "verify", "Main", "--json").json

    assert (job["kind"], job["state"], job["question"]) == ("account.verify", "succeeded", None)


@pytest.mark.proof("an engine on PostgreSQL")
def test_a_postgresql_database_serves_the_same_commands(commands: Commands, postgres_url: str) -> None:
    assert commands.asks("--database-url", postgres_url, "jobs", "list") == []
    assert commands.asks("jobs", "list", environment={"MAILYARD_DATABASE_URL": postgres_url}) == []
    assert not (commands.folder / "app.db").exists()
