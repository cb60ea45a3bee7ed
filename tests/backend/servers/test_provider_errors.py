"""What a provider can do to an order: the job stops with cause and remedy, and rolling back leaves nothing there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from backend.engine import transitions
from backend.servers.provision import create, verification
from backend.servers.provision.naming import new_order_id
from backend.store.schema.operations import Job
from tests.backend.servers.world import World, without_machines
from tests.emulators.process import Emulator
from tests.installation import question_of, until

TWELVE = 12_000_000


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with without_machines(tmp_path_factory.mktemp("trouble")) as world:
        yield world


@pytest.fixture
def world(running: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An empty account. No machine ever answers here: an order without other trouble ends at its first login."""
    running.emulator.reset()
    monkeypatch.setattr(verification, "SSH_LIMIT_S", 0.3)
    monkeypatch.setattr(create, "BOOT_LIMIT_S", 1.0)
    yield running
    for job in (row for row in running.driver.servers() if row.gone_at is None):
        raise AssertionError(f"{job.name} was left behind")


@dataclass(frozen=True)
class Trouble:
    """``prepare`` arranges it before the order."""

    prepare: Callable[[Emulator], None]
    step: str
    cause: str
    remedy: str
    order: dict[str, Any] = field(default_factory=dict)


TROUBLE = {
    "the region closed": Trouble(
        lambda emulator: emulator.offer("regions", "fra1", available=False),
        "check",
        "The region fra1 does not accept new servers.",
        "Choose something else",
    ),
    "the plan is sold out": Trouble(
        lambda emulator: emulator.offer("sizes", "s-1vcpu-2gb", available=False),
        "check",
        "The plan s-1vcpu-2gb is not available in fra1.",
        "Choose something else",
    ),
    "the image is gone from the region": Trouble(
        lambda emulator: emulator.offer("images", "debian-12-x64", regions=["nyc1"]),
        "check",
        "The image debian-12-x64 is not available in fra1.",
        "Choose something else",
    ),
    "the image grew": Trouble(
        lambda emulator: emulator.offer("images", "debian-12-x64", min_disk_size=400),
        "check",
        "The image debian-12-x64 needs a larger disk than s-1vcpu-2gb has.",
        "Choose something else",
    ),
    "the quota is reached": Trouble(
        lambda emulator: emulator.set("quota", servers=0), "create", "has reached its quota", "higher limit"
    ),
    "the token may only read": Trouble(
        lambda emulator: emulator.set("tokens", token=emulator.token, scopes=["read"]),
        "login_key",
        "The DigitalOcean token does not permit this.",
        "Create a token with the scopes",
    ),
    "the token was revoked": Trouble(
        lambda emulator: emulator.set("revoke", token=emulator.token),
        "check",
        "DigitalOcean refused the token.",
        "Enter a new one",
    ),
    "the provider fails for long": Trouble(
        lambda emulator: emulator.fault("500", "GET", "/v2/regions", times=9),
        "check",
        "DigitalOcean reported an internal error.",
        "Mailyard retries automatically",
    ),
    "the order fails for long": Trouble(
        lambda emulator: emulator.fault("500", "POST", "/v2/droplets", times=9),
        "create",
        "It is not known whether mx1.example.net was ordered",
        "Check the provider's control panel",
    ),
    "making the droplet failed": Trouble(
        lambda emulator: emulator.set("errored", type="create"),
        "boot",
        "The provider did not finish the server in time.",
        "roll back; nothing is lost",
    ),
    "no SSH answers": Trouble(lambda _emulator: None, "ssh", "does not respond over SSH.", "port 22 is open"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_stops_with_cause_and_remedy_and_rolls_back_to_nothing(world: World, name: str) -> None:
    trouble = TROUBLE[name]
    trouble.prepare(world.emulator)

    job = world.driver.wait_for(world.driver.order(world.account, "mx1.example.net", **trouble.order))

    assert (job.state, world.step(job.id)) == ("failed", trouble.step)
    assert trouble.cause in job.cause
    assert trouble.remedy in job.remedy
    world.emulator.heal()
    world.emulator.set("tokens", token=world.emulator.token)
    _leaves_nothing(world, job)


def test_a_price_that_went_up_is_asked_about_and_nothing_is_ordered_before_the_yes(world: World) -> None:
    world.emulator.offer("sizes", "s-1vcpu-2gb", price_monthly=13)
    job = world.asked(world.driver.order(world.account, "mx1.example.net", seen_monthly_micro=TWELVE))

    assert question_of(job).title == "s-1vcpu-2gb costs more now."
    assert [each.value for each in question_of(job).effects] == [
        "12.00 USD → 13.00 USD a month",
        "nothing was changed",
    ]
    assert "servers created" not in world.emulator.counters()["tallies"]
    assert [row for row in world.driver.servers() if row.gone_at is None] == []

    world.emulator.offer("sizes", "s-1vcpu-2gb", price_monthly=14)
    world.says_yes(job)
    again = world.asked(job.id)
    assert question_of(again).effects[0].value == "12.00 USD → 14.00 USD a month"

    world.says_yes(again)
    assert world.step(world.driver.wait_for(job.id).id) == "ssh"
    assert world.emulator.counters()["tallies"]["servers created"] == 1
    _leaves_nothing(world, job)


def test_a_no_to_a_dearer_price_leaves_nothing_and_the_name_is_free(world: World) -> None:
    world.emulator.offer("sizes", "s-1vcpu-2gb", price_monthly=13)
    job = world.asked(world.driver.order(world.account, "mx1.example.net", seen_monthly_micro=TWELVE))
    world.driver.act(job.id, "job.cancel")
    assert world.driver.wait_for(job.id, "cancelled").state == "cancelled"

    assert [row for row in world.driver.servers() if row.gone_at is None] == []
    again = world.asked(world.driver.order(world.account, "mx1.example.net", seen_monthly_micro=TWELVE))
    assert again.about == "mx1.example.net"


@pytest.mark.parametrize("path", ["/v2/account/keys", "/v2/droplets"])
@pytest.mark.parametrize("kind", ["lost_answer", "500_after", "malformed", "cut_body"])
def test_a_lost_answer_is_looked_up_and_nothing_is_made_twice(world: World, path: str, kind: str) -> None:
    world.emulator.fault(kind, "POST", path)

    job = world.driver.wait_for(world.driver.order(world.account))

    assert world.step(job.id) == "ssh"
    counters = world.emulator.counters()
    assert (len(counters["servers"]), len(counters["keys"]), counters["doubles"]) == (1, 1, 0)
    assert counters["tallies"]["servers created"] == counters["tallies"]["keys created"] == 1
    _leaves_nothing(world, job)


def test_a_storm_of_429_is_waited_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "TRIES", 5)
    world.emulator.fault("429", "POST", "", times=3, retry_after=1)

    job = world.driver.wait_for(world.driver.order(world.account))

    assert world.step(job.id) == "ssh"
    statuses = [entry["status"] for entry in world.emulator.log() if "fault" in entry]
    assert statuses == [0, 0, 0]
    assert world.emulator.counters()["tallies"]["servers created"] == 1
    _leaves_nothing(world, job)


def test_a_droplet_deleted_while_it_is_made_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create, "BOOT_LIMIT_S", 30.0)
    world.emulator.set("errored", type="create")  # it stays *new*
    job_id = world.driver.order(world.account)
    world.waits_at(job_id, "boot")
    (droplet,) = world.emulator.server_ids()
    with world.emulator.client() as client:
        assert client.delete(f"/v2/droplets/{droplet}").status_code == 204

    job = world.driver.wait_for(job_id)

    assert job.cause == "The server was deleted at the provider while it was being created."
    assert "Roll the job back" in job.remedy
    _leaves_nothing(world, job)


def test_a_token_revoked_in_the_middle_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the token rolling back cannot work either: it says so, and works once the token is back."""
    monkeypatch.setattr(create, "BOOT_LIMIT_S", 30.0)
    world.emulator.set("errored", type="create")
    job_id = world.driver.order(world.account)
    world.waits_at(job_id, "boot")
    world.emulator.set("revoke", token=world.emulator.token)

    job = world.driver.wait_for(job_id)
    assert (job.state, job.cause) == ("failed", "DigitalOcean refused the token.")
    world.driver.act(job_id, "job.roll_back")
    until(lambda: _is_backward_and_failed(world, job), "rolling back to stop")
    assert len(world.emulator.counters()["servers"]) == 1

    world.emulator.set("tokens", token=world.emulator.token)
    world.driver.act(job_id, "job.retry")
    world.driver.wait_for(job_id, "rolled_back")
    assert world.is_empty_at_the_provider()


def test_after_the_cause_is_gone_the_job_goes_on_from_its_step(world: World) -> None:
    world.emulator.set("quota", servers=0)
    job = world.driver.wait_for(world.driver.order(world.account))
    assert world.step(job.id) == "create"
    world.emulator.set("quota", servers=5)

    world.driver.act(job.id, "job.retry")
    until(lambda: world.step(job.id) == "ssh", "the job to come to its first login")

    job = world.driver.wait_for(job.id, "failed")
    tallies = world.emulator.counters()["tallies"]
    assert (tallies["keys created"], tallies["servers created"]) == (1, 1)
    _leaves_nothing(world, job)


def test_a_name_that_is_taken_is_refused_before_anything_happens(world: World) -> None:
    job = world.driver.wait_for(world.driver.order(world.account, "mx7.example.net"))

    refusal = world.refusal("server.provision", **_payload(world, "MX7.example.net."))

    assert refusal == "There is already a server named mx7.example.net. Choose another name."
    _leaves_nothing(world, job)


def test_of_two_orders_of_one_name_at_once_only_one_is_made(world: World) -> None:
    jobs = [world.driver.order(world.account, "mx8.example.net") for _order in range(2)]
    ended = [world.driver.wait_for(job) for job in jobs]

    assert sorted(world.step(job.id) for job in ended) == ["check", "ssh"]
    assert "There is already a server named mx8.example.net." in [job.cause for job in ended]
    assert world.emulator.counters()["tallies"]["servers created"] == 1
    for job in ended:
        world.rolled_back(job)
    assert world.is_empty_at_the_provider()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "mx1"}, "mx1 is not a full host name."),
        ({"name": "1.2.3.4"}, "1.2.3.4 is not a full host name."),
        ({"name": "mx1.example.7."}, "is not a full host name"),
        ({"name": "under_score.example.net"}, "is not a full host name"),
        ({"region": "moon1"}, "Not available: moon1."),
        ({"plan": "s-999"}, "Not available: s-999."),
        ({"image": "windows"}, "Not available: windows."),
        ({"account_id": "00000000-0000-4000-8000-00000000ffff"}, "The provider account was removed."),
        ({"account_id": "nonsense"}, "Invalid request."),
        ({"workspaces": ["00000000-0000-4000-8000-00000000ffff"]}, "A chosen workspace no longer exists."),
    ],
)
def test_an_order_that_cannot_work_never_becomes_a_job(world: World, changes: dict[str, Any], words: str) -> None:
    assert words in world.refusal("server.provision", **{**_payload(world, "mx9.example.net"), **changes})
    assert world.is_empty_at_the_provider()


def _payload(world: World, name: str) -> dict[str, Any]:
    return {
        "order_id": new_order_id(),
        "name": name,
        "account_id": str(world.account),
        "region": "fra1",
        "plan": "s-1vcpu-2gb",
        "image": "debian-12-x64",
    }


def _is_backward_and_failed(world: World, job: Job) -> bool:
    now = world.driver.job(job.id)
    return now is not None and (now.direction, now.state) == ("backward", "failed")


def _leaves_nothing(world: World, job: Job) -> None:
    """No droplet, no key, no secret but the account's token; the server's row is history."""
    world.rolled_back(job)

    assert world.is_empty_at_the_provider()
    kept = [ref.path for ref in world.installation.secrets.references()]
    assert [path for path in kept if not path.startswith("api_keys/")] == []
    for server in world.driver.servers():
        assert (server.life, server.gone_at is None) == ("failed", False)
