"""From an account to a destroyed server through commands alone: with nobody else, and beside a headless engine."""

from __future__ import annotations

import pytest

from backend.engine.lock import lock_is_taken
from tests.app.cli.command import PLAN, REGION, Commands
from tests.emulators.process import Emulator

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
NAME = "mx1.example.net"


def hold_and_let_go(commands: Commands) -> None:
    """What an account holds for a server, what the server used, what the account owes."""
    commands.run("server", "address", "reserve", NAME, "--yes")
    (address,) = commands.asks("server", "address", "list", NAME)["reserved"]
    commands.run("server", "firewall", "set", NAME, "--yes")
    assert "993" in commands.run("server", "firewall", "show", NAME).out
    assert commands.run("server", "usage", NAME, "--refresh", "--json").json["usage"]["source"]
    (owed,) = commands.run("account", "charges", "--refresh", "--json").json
    assert (owed["trouble"], len(owed["invoices"])) == ("", 2)
    assert commands.run("orphans", "--scan", "--json").json["orphans"] == []
    commands.run("server", "address", "release", NAME, address["ip"], "--typed-name", address["ip"])
    commands.run("server", "firewall", "remove", NAME, "--yes")


def check(commands: Commands) -> None:
    """One server by its name, then all there are: a sample more each time."""
    samples = commands.asks("metrics", NAME)
    assert samples[0]["memory"] > 0
    checked = commands.run("server", "check", NAME)
    assert "Check servers: succeeded." in checked.err
    assert [line.split()[:2] for line in checked.out.splitlines()[1:]] == [[NAME, "ok"]]
    assert len(commands.asks("metrics", NAME)) > len(samples)
    assert commands.run("server", "check", "--json").json["kind"] == "servers.check"


def walk(commands: Commands, emulator: Emulator, *, is_engine: bool) -> None:
    """Every command of the story, each with what it must show."""
    commands.add(emulator)
    (account,) = commands.asks("account", "list")
    assert (account["name"], account["state"]) == ("Main", "verified")

    made = commands.create(NAME)
    assert "done     " in made.err
    assert ("carries the job out itself" in made.err) is is_engine
    (server,) = commands.asks("server", "list")
    assert (server["name"], server["health"], server["power"]) == (NAME, "ok", "on")
    assert (server["region"], server["plan"]) == (REGION, PLAN)
    assert NAME in commands.run("server", "list").out
    assert commands.asks("server", "show", NAME)["addresses"][0]["ip"] == server["address"]

    assert "MEMORY %" in commands.run("metrics", NAME).out
    check(commands)
    commands.run("server", "power", NAME, "reboot")
    assert "Rebooted" in commands.run("server", "show", NAME).out
    commands.run("server", "resize", NAME, "s-2vcpu-4gb", "--yes")
    commands.run("server", "rdns", NAME, "mail.acme.example")
    shown = commands.asks("server", "show", NAME)
    assert (shown["server"]["plan"], shown["server"]["power"]) == ("s-2vcpu-4gb", "on")
    assert "mail.acme.example" in [address["ptr"] for address in shown["addresses"]]
    commands.run("server", "snapshot", NAME, "before the end")
    (snapshot,) = commands.asks("server", "show", NAME)["snapshots"]
    commands.run("server", "restore", NAME, snapshot["id"], "--typed-name", NAME)
    commands.run("server", "delete-snapshot", NAME, snapshot["id"], "--typed-name", snapshot["name"])
    assert commands.asks("server", "show", NAME)["snapshots"] == []
    hold_and_let_go(commands)
    commands.run("server", "destroy", NAME, "--typed-name", "mx2.example.net", code=6)
    assert commands.asks("server", "list") != []
    commands.run("server", "destroy", NAME, "--typed-name", NAME)
    assert commands.asks("server", "list") == []
    assert {job["state"] for job in commands.asks("jobs", "list")} == {"succeeded"}
    counters = emulator.counters()
    assert (counters["servers"], counters["keys"], counters["doubles"]) == ([], [], 0)
    assert (counters["reserved"], counters["firewalls"]) == ([], [])


@pytest.mark.proof("a story by commands")
def test_the_commands_alone_carry_the_story(commands: Commands, emulator_with_machines: Emulator) -> None:
    walk(commands, emulator_with_machines, is_engine=True)

    assert not lock_is_taken(commands.folder / "engine.lock")
    # a job of the scheduler that was cut off waits for the next engine: none stands as running with nobody to run it
    assert {job["state"] for job in commands.asks("jobs", "list", "--all")} <= {"succeeded", "queued"}


@pytest.mark.proof("a story by commands")
def test_beside_a_headless_engine_the_commands_are_its_clients(
    commands: Commands, emulator_with_machines: Emulator
) -> None:
    engine = commands.engine()

    walk(commands, emulator_with_machines, is_engine=False)

    assert engine.process.poll() is None
    assert lock_is_taken(commands.folder / "engine.lock")
