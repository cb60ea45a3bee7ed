"""Trouble with the provider: each has a title and a remedy, nothing is lost, and doctor names it."""

from __future__ import annotations

import re

import pytest

from app.cli.output import Exit
from tests.app.cli.command import Commands
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once


def test_a_wrong_token_is_named_and_the_account_kept_to_correct(commands: Commands, emulator: Emulator) -> None:
    failed = commands.add(emulator, token="dop_v1_not_this_one", code=Exit.FAILED)

    assert "DigitalOcean refused the token." in failed.err
    assert "Enter a new one in Settings > Accounts." in failed.err
    (account,) = commands.asks("account", "list")
    assert (account["state"], account["note"]) == ("refused", "DigitalOcean refused the token.")
    looked = commands.run("doctor", code=Exit.FAILED)
    assert "critical account Main: DigitalOcean refused the token." in looked.out


@pytest.mark.proof("no network")
@pytest.mark.parametrize("way", ["refused", "unreachable"])
def test_without_a_network_the_job_waits_and_goes_on_later(commands: Commands, emulator: Emulator, way: str) -> None:
    """Refused: nobody listens there. Unreachable: no route leads there."""
    emulator.kill()
    if way == "unreachable":
        emulator.url = "https://10.79.0.1"

    left = commands.add(emulator, wait="6", code=Exit.UNDER_WAY)  # an engine starts, tries once, and says why

    assert "DigitalOcean cannot be reached." in left.err
    assert "The job is kept" in left.err
    looked = commands.run("doctor").out
    assert "warning  account Main: DigitalOcean cannot be reached." in looked
    waiting = [job for job in commands.asks("jobs", "list", "--all") if job["state"] in ("queued", "waiting_until")]
    assert [job["kind"] for job in waiting].count("account.add") == 1
    assert re.search(rf"warning  engine: no engine runs, and {len(waiting)} jobs? waits? for one", looked)
    if way == "refused":
        emulator.start()
        commands.run("jobs", "follow", commands.the_job()["id"])
        assert commands.asks("account", "list")[0]["state"] == "verified"


def test_a_provider_that_asks_to_slow_down_is_waited_for(commands: Commands, emulator: Emulator) -> None:
    emulator.fault("429", path="/v2/account", retry_after=1)

    added = commands.add(emulator)

    assert "DigitalOcean rate limit reached." in added.err
    assert commands.asks("account", "list")[0]["state"] == "verified"


@pytest.mark.proof("a lost answer")
@pytest.mark.lab
def test_a_lost_answer_to_a_create_is_looked_for_not_repeated(
    commands: Commands, emulator_with_machines: Emulator
) -> None:
    commands.add(emulator_with_machines)
    emulator_with_machines.fault("lost_answer", "POST", "/v2/droplets")

    commands.create("mx1.example.net")

    counters = emulator_with_machines.counters()
    assert (len(counters["servers"]), counters["doubles"]) == (1, 0)
    asked = [entry for entry in emulator_with_machines.log() if entry["method"] == "POST"]
    assert len([entry for entry in asked if entry["path"].endswith("/v2/droplets")]) == 1
    commands.run("server", "destroy", "mx1.example.net", "--typed-name", "mx1.example.net")
