"""What the machine itself can do to an order: the job stops, names it, and rolls back to nothing left, in the lab."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from backend.core.ssh import session
from backend.servers.provision import verification
from backend.store.schema.operations import Job
from tests.backend.servers.world import World, in_haste, opened
from tests.emulators.process import ROOT, Emulator
from tests.installation import until
from tests.lab.client import Client
from tests.lab.keys import new_key_pair
from tests.lab.lifetime import RunningLab
from tests.lab.machines import MachinesServer
from tests.lab.orders import HostOrder

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def running(machines: MachinesServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("machines")
    emulator = Emulator(folder / "emulator", machines=machines.path)
    with in_haste(), opened(folder / "data", emulator) as world:
        yield world
    emulator.close()


@pytest.fixture
def world(running: World, lab: Client) -> Iterator[World]:
    """Port 22 of every machine is shut until the test opens it; what a test leaves at the provider is a failure."""
    before = set(lab.hosts())
    lab.net("block", source="*", target="*", port=22, how="reject")
    yield running
    lab.net("unblock")
    lab.net("heal")
    assert running.is_empty_at_the_provider()
    until(lambda: set(lab.hosts()) <= before, "the machine to be deleted")


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The first login is given up soon."""
    monkeypatch.setattr(verification, "SSH_LIMIT_S", 1.5)
    monkeypatch.setattr(session, "CONNECT_S", 2.0)
    return monkeypatch


@pytest.fixture
def inside(running_lab: RunningLab) -> Callable[[str, str], None]:
    """Runs a command in a machine without its network."""

    def run(machine: str, command: str) -> None:
        lab = [sys.executable, "-m", "tests.lab", "exec", "--lab", running_lab.name, "--in", machine]
        subprocess.run([*lab, "--", "sh", "-c", command], cwd=ROOT, check=True, capture_output=True, timeout=60)

    return run


def _at_first_login(world: World, lab: Client) -> tuple[UUID, str, str]:
    """An order whose machine runs but cannot be reached yet: the job, the lab's name of the machine, its address."""
    job_id = world.driver.order(world.account)
    world.waits_at(job_id, "ssh")
    (droplet,) = world.emulator.server_ids()
    return job_id, f"m{droplet}", lab.state(f"m{droplet}").ip


def _stopped(world: World, job_id: UUID, step: str) -> Job:
    job = world.driver.wait_for(job_id, "failed")
    assert world.step(job_id) == step, (job.cause, world.driver.described(job_id))
    assert job.remedy
    return job


def test_a_machine_whose_ssh_stays_shut_is_named(world: World, lab: Client, soon: object) -> None:
    job_id, _machine, ip = _at_first_login(world, lab)

    job = _stopped(world, job_id, "ssh")

    assert job.cause == f"{ip} does not respond over SSH."
    assert "port 22 is open" in job.remedy
    world.rolled_back(job)


def test_a_machine_that_is_cut_off_is_named(world: World, lab: Client, soon: object) -> None:
    """Silence instead of a refusal: the time-out of the connection ends each try."""
    job_id, _machine, ip = _at_first_login(world, lab)
    lab.net("unblock")
    lab.net("cut", a=ip)

    job = _stopped(world, job_id, "ssh")

    assert job.cause == f"{ip} does not respond over SSH."
    world.rolled_back(job)


def test_another_machine_at_the_address_is_never_logged_in_to(
    world: World, lab: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has our login key, as a copied disk would, but not the host key that only our user-data carried."""
    monkeypatch.setattr(verification, "SSH_LIMIT_S", 8.0)  # time for the other machine to boot
    job_id, machine, ip = _at_first_login(world, lab)
    lab.delete(machine)
    identity = new_key_pair()
    (server,) = [row for row in world.driver.servers() if row.gone_at is None]
    ours = str(world.driver.steps(job_id)[1].result["login"])
    config = {
        "disable_root": False,
        "ssh_keys": {"ed25519_private": identity.private, "ed25519_public": identity.public},
        "users": [{"name": "root", "ssh_authorized_keys": [ours]}],
    }
    lab.create(HostOrder(name=machine, ip=ip, user_data=f"#cloud-config\n{json.dumps(config)}\n"))
    lab.net("unblock")

    job = _stopped(world, job_id, "ssh")

    assert job.cause == f"{ip} presents an unknown host key."
    assert "a different machine" in job.remedy
    assert world.secrets_of(server.id) == ["admin_ssh", "first_contact", "nonce"]
    world.rolled_back(job)
    assert world.secrets_of(server.id) == []


@pytest.mark.parametrize("command", ["echo other > /var/lib/mailyard/nonce", "rm /var/lib/mailyard/nonce"])
def test_a_machine_that_does_not_know_the_nonce_is_not_ours(
    world: World, lab: Client, inside: Callable[[str, str], None], command: str
) -> None:
    job_id, machine, _ip = _at_first_login(world, lab)
    inside(machine, f"cloud-init status --wait >/dev/null; {command}")
    lab.net("unblock")

    job = _stopped(world, job_id, "nonce")

    assert job.cause == "The machine does not have the identity nonce of the ordered server."
    assert "Roll the job back" in job.remedy
    world.rolled_back(job)


def test_a_first_boot_that_failed_is_named(world: World, lab: Client, inside: Callable[[str, str], None]) -> None:
    """A module of the image's own fails in earnest; our part of user-data is applied all the same."""
    job_id, machine, _ip = _at_first_login(world, lab)
    inside(machine, BREAK_CLOUD_INIT)
    lab.net("unblock")

    job = _stopped(world, job_id, "nonce")

    assert job.cause == "The server's first boot failed: cloud-init reports an error."
    assert "cloud-init.log" in job.remedy
    world.rolled_back(job)


# Its first boot again, with a command of the image that fails; keys and nonce are there from the boot before.
BREAK_CLOUD_INIT = """
cloud-init status --wait >/dev/null
printf 'bootcmd: [["false"]]\\n' > /etc/cloud/cloud.cfg.d/90-image.cfg
rm -rf /var/lib/cloud/instances/*/sem/config_bootcmd* /run/cloud-init/status.json /run/cloud-init/result.json
cloud-init init --local >/dev/null 2>&1
cloud-init init >/dev/null 2>&1
cloud-init modules --mode=config >/dev/null 2>&1
cloud-init modules --mode=final >/dev/null 2>&1
cloud-init status | grep -q error
"""


def test_after_the_way_is_open_again_the_job_goes_on_to_a_ready_server(
    world: World, lab: Client, soon: pytest.MonkeyPatch
) -> None:
    job_id, _machine, _ip = _at_first_login(world, lab)
    _stopped(world, job_id, "ssh")
    lab.net("unblock")
    soon.undo()

    world.driver.act(job_id, "job.retry")
    job = world.driver.wait_for(job_id, "succeeded", seconds=90)

    assert world.emulator.counters()["doubles"] == 0
    assert len(world.emulator.counters()["servers"]) == 1
    server = world.server("mx1")
    ended = world.ended("server.destroy", server_id=str(server.id), typed_name=job.about)
    assert ended.state == "succeeded"
