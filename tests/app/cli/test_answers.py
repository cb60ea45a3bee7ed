"""What commands answer: JSON whose keys stand, tables for people, and nothing that steers the terminal."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.cli.output import Exit, clean
from tests.app.cli.command import Commands
from tests.emulators.process import Emulator
from tests.installation import open_installation
from tests.sample_data.jobs import add_jobs
from tests.sample_data.orphans import LOST_SERVER, add_orphans
from tests.sample_data.servers import add_fleet

EVIL = "\x1b[2J\x1b]0;owned\x07 \u202egnp.exe\x9b31m\r\n"
KEYS = {
    ("jobs", "list"): """workspace id kind title about about_id author state direction percent step_title cause remedy
        is_retryable is_scheduled requested_at started_at ended_at resume_at""",
    ("account", "list"): """id name provider state note holder scopes can_write token_ends_at servers verified_at
        checked_at endpoint_url token_since""",
    ("server", "list"): """id name life power health health_note provider account account_id region plan vcpus memory_mb
        disk_gb address is_ours can_enter first_contact monthly_micro currency workspaces workspace_ids
        sampled_at seen_at created_at tags note maintenance_until login_key_since""",
    ("provider", "list"): "kind name address is_driven recipe cells",
    ("schedules", "list"): """id workspace kind title subject every_s next_at last_at outcome reason enabled
        request""",
    ("needs",): "kind target status title detail where since act",
    ("doctor",): "what verdict words remedy",
    ("metrics", "mx1.acme-dental.example"): """at cpu memory disk inodes network_in network_out load swap steal iowait
        processes queue""",
    ("metrics", "mx1.acme-dental.example", "--by", "hour"): """at cpu cpu_p95 memory memory_p95 disk disk_p95 network_in
        network_in_p95 network_out network_out_p95 load load_p95""",
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
        # Made without keys of its servers: doctor says so and fails.
        answer = fleet.asks(*arguments, code=Exit.FAILED if arguments == ("doctor",) else Exit.OK)
        assert answer, arguments
        assert {frozenset(row) for row in answer} == {frozenset(keys.split())}, arguments
    shown = fleet.asks("server", "show", "mx1.acme-dental.example")
    assert set(shown) == {"server", "addresses", "snapshots", "resources", "events"}
    assert set(fleet.asks("jobs", "show", fleet.the_job()["id"])) == {
        *("job", "steps", "question", "log", "ours_s", "waited_s")
    }


def states(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["state"] for row in rows)


def test_jobs_are_listed_by_state_kind_server_and_words(fleet: Commands) -> None:
    whole = fleet.asks("jobs", "list")
    name = whole[0]["about"]

    assert states(fleet.asks("jobs", "list", "--state", "failed", "--state", "cancelled")) == ["cancelled", "failed"]
    assert len(fleet.asks("jobs", "list", "--kind", "server.provision")) == len(whole)
    assert fleet.asks("jobs", "list", "--kind", "server.power") == []
    for server in (name, name.upper(), whole[0]["about_id"]):
        assert [row["id"] for row in fleet.asks("jobs", "list", "--server", server)] == [whole[0]["id"]]
    assert [row["about"] for row in fleet.asks("jobs", "list", "--text", name.upper()[1:])] == [name]
    assert len(fleet.asks("jobs", "list", "--text", "NEW server")) == len(whole)
    assert fleet.asks("jobs", "list", "--server", name, "--state", "rolled_back") == []
    assert fleet.run("jobs", "list", "--kind", "server.power").out == "No such jobs.\n"


def test_a_filter_that_can_fit_nothing_is_told(fleet: Commands) -> None:
    wrong = {
        ("--state", "done"): (2, "There is no state named done. Choose one of: queued, running,"),
        ("--kind", "server.sell"): (2, "There is no kind of job named server.sell. Choose one of: account.add,"),
        ("--server", "mx99.example"): (5, "There is no server named mx99.example."),
        ("--server", str(UUID(int=7))): (5, "There is no server named"),
    }
    for arguments, (code, words) in wrong.items():
        assert words in " ".join(fleet.run("jobs", "list", *arguments, code=code).err.replace("│", "").split())


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
    assert "Main, ssh_key: could not be scanned: DigitalOcean cannot be reached." in shown.err
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


def test_a_list_of_one_client_holds_what_it_may_see_and_nothing_of_another(fleet: Commands) -> None:
    """Every sixth server of the fleet is one client's."""
    lists = {"server": ("server", "list"), "job": ("jobs", "list", "--all"), "need": ("needs",)}
    acme = {name: fleet.asks(*words, "--workspace", "acme dental") for name, words in lists.items()}
    cedar = {name: fleet.asks(*words, "--workspace", "Cedar Legal") for name, words in lists.items()}

    assert [row["about"] for row in acme["job"]] == ["mx1.acme-dental.example"]
    assert [row["name"] for row in acme["server"]] == ["mx1.acme-dental.example", "mx7.acme-dental.example"]
    assert [row["act"] for row in acme["need"]] == ["Open", "Review"]
    assert cedar["job"]
    assert all("cedar-legal" in row["about"] for row in cedar["job"])
    assert not {row["id"] for row in acme["job"]} & {row["id"] for row in cedar["job"]}
    fleet.run("jobs", "list", "--workspace", "Nobody", code=Exit.NOT_FOUND)


def test_a_schedule_is_paused_listed_so_resumed_and_its_history_is_told(fleet: Commands) -> None:
    before = {row["kind"]: row["enabled"] for row in fleet.asks("schedules", "list")}
    assert [kind for kind, enabled in before.items() if not enabled] == ["secrets.renew_due"]  # a person switches it on
    assert "paused" in fleet.run("schedules", "pause", "orphans.scan").out
    assert fleet.run("schedules", "pause", "orphans.scan", "--json").json["enabled"] is False
    listed = {row["kind"]: row["enabled"] for row in fleet.asks("schedules", "list")}
    assert listed == before | {"orphans.scan": False}

    assert "active" in fleet.run("schedules", "resume", "orphans.scan").out
    resumed = fleet.run("schedules", "resume", "orphans.scan", "--json").json
    assert (resumed["kind"], resumed["enabled"]) == ("orphans.scan", True)
    assert {row["kind"]: row["enabled"] for row in fleet.asks("schedules", "list")} == before
    assert isinstance(fleet.asks("schedules", "history", "orphans.scan"), list)
    fleet.run("schedules", "pause", "nothing", code=Exit.NOT_FOUND)


def test_means_of_hours_and_days_hold_all_samples_of_their_time(fleet: Commands) -> None:
    """The time told is where the hour or the day of UTC begins."""
    name = "mx1.acme-dental.example"
    samples, hours = fleet.asks("metrics", name), fleet.asks("metrics", name, "--by", "hour")

    assert len(samples) == 25
    assert {datetime.fromisoformat(row["at"]).strftime("%M:%S") for row in hours} == {"00:00"}
    for row in hours:
        cpu = [each["cpu"] for each in samples if each["at"][:13] == row["at"][:13]]
        assert row["cpu"] == pytest.approx(sum(cpu) / len(cpu), abs=0.02)
        assert min(cpu) <= row["cpu_p95"] <= max(cpu)
    days = fleet.asks("metrics", name, "--by", "day")
    assert [row["at"][11:19] for row in days] == ["00:00:00"] * len(days)
    assert len(days) in (1, 2)
    assert "CPU P95" in fleet.run("metrics", name, "--by", "day").out
    fleet.run("metrics", name, "--by", "week", code=Exit.USAGE)


def test_a_server_that_nobody_can_ask_is_not_sampled(fleet: Commands) -> None:
    off = next(row["name"] for row in fleet.asks("server", "list") if row["power"] == "off")

    refused = fleet.run("server", "check", off, code=Exit.REFUSED)

    assert f"{off}. Nothing was sampled." in refused.err
    fleet.run("server", "check", "nobody.example", code=Exit.NOT_FOUND)
    assert "servers.check" not in {row["kind"] for row in fleet.asks("jobs", "list")}


def test_without_a_server_nothing_is_sampled(commands: Commands) -> None:
    assert commands.run("server", "check").out == "There is no server that can be sampled.\n"


def test_an_engine_that_is_ended_is_told_as_json(commands: Commands) -> None:
    engine = commands.engine()

    ended = commands.asks("engine", "stop")

    assert engine.end().code == 0
    assert ended["stopped"] is True
    assert ended["engine"]["pid"] == engine.process.pid
    assert commands.asks("engine", "stop") == {"stopped": False, "engine": None, "half_way": []}
