"""A server that was handed over, in the lab: hardened, free of what only the making needed, switched and destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from backend.core.errors import HostKeyChanged
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef
from backend.core.ssh.session import SshSession
from backend.engine import transitions
from backend.fleet.metrics import server_series
from backend.providers.digitalocean.driver import DigitalOcean
from backend.providers.ports import ActionState, PowerAction
from backend.servers.provision.hardening import SSHD_SETTINGS
from backend.servers.provision.naming import login_ref
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job
from backend.store.scope import ENGINE_SCOPE
from tests.backend.servers.world import World, in_haste, opened
from tests.emulators.process import Emulator
from tests.installation import until
from tests.lab.client import Client
from tests.lab.machines import MachinesServer

pytestmark = pytest.mark.lab

NAME = "mx1.example.net"
SEARCHED = "/etc /var /root /run /home /opt /srv /tmp /usr/local"


@dataclass
class Ready:
    """One server for the whole module, the job that made it, and the secrets that existed while it did."""

    world: World
    id_: str
    job: Job
    kept: dict[str, str]

    @property
    def server(self) -> Server:
        return self.world.server(NAME)

    def ssh(self) -> SshSession:
        return self.world.access().session(self.server.id)

    def boot_id(self) -> str:
        with self.ssh() as ssh:
            return ssh.check("cat /proc/sys/kernel/random/boot_id")

    def switched(self, action: str) -> Job:
        return self.world.ended("server.power", server_id=self.id_, action=action)

    def taken_orders(self) -> list[str]:
        """What was posted, and accepted."""
        log = self.world.emulator.log()
        return [entry["path"] for entry in log if entry["method"] == "POST" and entry["status"] == 201]


@pytest.fixture(scope="module")
def ready(machines: MachinesServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    folder = tmp_path_factory.mktemp("ready")
    emulator = Emulator(folder / "emulator", machines=machines.path)
    kept: dict[str, str] = {}
    keep = SealedFile.keep

    def listening(store: SealedFile, ref: SecretRef, value: Secret) -> None:
        kept[ref.path.rsplit("/", 1)[1]] = value.reveal()
        keep(store, ref, value)

    with in_haste() as patch:
        patch.setattr(SealedFile, "keep", listening)
        with opened(folder / "data", emulator) as world:
            job = world.driver.wait_for(world.driver.order(world.account, NAME), seconds=120)
            assert job.state == "succeeded", (job.cause, world.driver.described(job.id))
            yield Ready(world, str(world.server(NAME).id), job, kept)
    emulator.close()


def _found(ready: Ready, secret: str) -> str:
    with ready.ssh() as ssh:
        return ssh.run(f"grep -rlF -f - {SEARCHED} 2>/dev/null", stdin=secret + "\n").stdout


def _middle(private_key: str) -> str:
    lines = private_key.strip().splitlines()
    return lines[len(lines) // 2]


def test_logins_are_by_key_only_as_sshd_itself_says(ready: Ready) -> None:
    with ready.ssh() as ssh:
        effective = dict(line.split(" ", 1) for line in ssh.check("sshd -T").splitlines() if " " in line)

    found = {key: effective[key].replace("prohibit-password", "without-password") for key in SSHD_SETTINGS}
    assert found == SSHD_SETTINGS


def test_security_updates_come_by_themselves(ready: Ready) -> None:
    with ready.ssh() as ssh:
        timers = ssh.check("systemctl is-enabled apt-daily.timer apt-daily-upgrade.timer").split()
        active = ssh.check("systemctl is-active apt-daily.timer apt-daily-upgrade.timer").split()
        settings = ssh.check("apt-config dump APT::Periodic")
        package = ssh.check("dpkg-query -W -f='${Status}' unattended-upgrades")

    assert (timers, active, package) == (["enabled"] * 2, ["active"] * 2, "install ok installed")
    assert 'APT::Periodic::Unattended-Upgrade "1";' in settings
    assert 'APT::Periodic::Update-Package-Lists "1";' in settings


def test_the_host_key_of_the_first_contact_is_refused_afterwards(ready: Ready) -> None:
    contact = str(ready.world.driver.steps(ready.job.id)[1].result["contact"])
    address = str(ready.server.address)

    with pytest.raises(HostKeyChanged):
        ready.world.access().at(address, "root", login_ref(ready.server.id), (contact,)).connect()

    assert ready.server.host_key is not None
    assert ready.server.host_key != contact
    with ready.ssh() as ssh:
        assert ssh.check("cut -d' ' -f1,2 /etc/ssh/ssh_host_*_key.pub").split("\n")[:-1] == [ready.server.host_key]


def test_the_used_key_and_the_nonce_are_gone_from_the_machine(ready: Ready) -> None:
    assert _found(ready, _middle(ready.kept["first_contact"])) == ""
    assert _found(ready, ready.kept["nonce"]) == ""
    with ready.ssh() as ssh:
        assert "permit" in ssh.check("sshd -T")
        assert ssh.check("cloud-init status").strip() == "status: done"
        assert "mailyard" not in ssh.run("ls -a /root /var/lib/mailyard").stdout.replace("/var/lib/mailyard", "")


def test_the_search_for_secrets_does_find_what_is_there(ready: Ready) -> None:
    assert ready.server.host_key is not None

    assert "/etc/ssh/ssh_host_ed25519_key.pub" in _found(ready, ready.server.host_key)


def test_only_the_login_key_stays_in_the_secret_store_and_nothing_at_the_provider(ready: Ready) -> None:
    counters = ready.world.emulator.counters()

    assert ready.world.secrets_of(ready.server.id) == ["admin_ssh"]
    assert (counters["keys"], len(counters["servers"]), counters["doubles"]) == ([], 1, 0)


def test_the_first_sample_and_the_history_are_there(ready: Ready) -> None:
    server, now = ready.server, int(ready.world.installation.clock.now().timestamp())

    series = ready.world.installation.metrics.raw(ENGINE_SCOPE, server_series(server.id), now - 900, now + 1)

    assert len(series.times) >= 1
    assert 0 < series.values["memory"][0] < 100
    assert (server.life, server.power, server.health) == ("active", "on", "ok")
    assert [kind for kind, _text in ready.world.events(server.id)] == ["ordered", "created", "ready"]
    assert [interval.state for interval in ready.world.intervals(server.id)] == ["on"]
    steps = ready.world.driver.steps(ready.job.id)
    assert all(step.started_at is not None and step.ended_at is not None for step in steps)


def test_a_reboot_is_proved_by_another_boot_id_and_brings_no_secret_back(ready: Ready) -> None:
    before = ready.boot_id()

    job = ready.switched("reboot")

    assert job.state == "succeeded", (job.cause, ready.world.driver.described(job.id))
    assert ready.boot_id() != before
    with ready.ssh() as ssh:
        assert "status: done" in ssh.check("cloud-init status --wait")
        assert ssh.check("hostname -f").strip() == NAME
    assert _found(ready, _middle(ready.kept["first_contact"])) == ""
    assert _found(ready, ready.kept["nonce"]) == ""


def test_a_server_that_hangs_can_be_power_cycled(ready: Ready, lab: Client) -> None:
    """SSH does not answer before; afterwards it must."""
    before, address = ready.boot_id(), ready.server.address
    lab.net("block", source="*", target=address, port=22, how="reject")
    job_id = ready.world.driver.request("server.power", {"server_id": ready.id_, "action": "power_cycle"})
    ready.world.waits_at(job_id, "back")
    lab.net("unblock")

    job = ready.world.driver.wait_for(job_id)

    assert job.state == "succeeded", (job.cause, ready.world.driver.described(job.id))
    assert ready.boot_id() != before


def test_switching_off_and_on_closes_intervals_and_stands_in_the_timeline(ready: Ready) -> None:
    assert ready.switched("shutdown").state == "succeeded"
    assert (ready.server.power, ready.world.intervals(ready.server.id)[-1].state) == ("off", "off")

    assert ready.switched("on").state == "succeeded"

    intervals = ready.world.intervals(ready.server.id)
    assert [interval.state for interval in intervals] == ["on", "off", "on"]
    assert [interval.until is None for interval in intervals] == [False, False, True]
    assert intervals[0].until == intervals[1].since
    texts = [text for kind, text in ready.world.events(ready.server.id) if kind == "power"]
    assert texts[-2:] == ["Shut down, powered off", "Powered on"]


def test_what_is_as_requested_already_is_not_ordered_again(ready: Ready) -> None:
    before = ready.taken_orders()

    job = ready.switched("on")

    assert job.state == "succeeded"
    assert ready.taken_orders() == before


def test_a_lost_answer_to_a_power_order_is_looked_at_before_it_is_sent_again(
    ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second order while the first is under way is refused, and waits instead of failing."""
    monkeypatch.setattr(transitions, "TRIES", 9)
    ready.world.emulator.fault("lost_answer", "POST", "/v2/droplets/")
    before = len(ready.taken_orders())

    assert ready.switched("off").state == "succeeded"

    assert ready.server.power == "off"
    assert len(ready.taken_orders()) == before + 1
    assert ready.switched("on").state == "succeeded"


def test_an_order_that_came_about_after_the_look_is_no_failure(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider refuses to switch off what is off by then, and that is what was asked for."""
    order = DigitalOcean.power

    def ordered_before(driver: DigitalOcean, machine_id: str, action: PowerAction) -> ActionState:
        order(driver, machine_id, action)
        until(lambda: driver.get(machine_id).power == "off", "the droplet to be off")
        return order(driver, machine_id, action)

    with monkeypatch.context() as patch:
        patch.setattr(DigitalOcean, "power", ordered_before)
        assert ready.switched("off").state == "succeeded"

    assert ready.server.power == "off"
    assert ready.switched("on").state == "succeeded"


def test_an_action_that_the_provider_does_not_carry_out_is_named(ready: Ready) -> None:
    ready.world.emulator.set("errored", type="reboot")

    job = ready.switched("reboot")

    assert (job.state, job.cause) == ("failed", "The provider did not perform the action.")
    assert "Check the server's state" in job.remedy


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("server.power", {"action": "explode"}, "$.action"),
        ("server.power", {"action": "on", "server_id": "00000000-0000-4000-8000-00000000ffff"}, "no longer exists"),
        ("server.destroy", {"typed_name": "mx1"}, f"The name typed is not {NAME}."),
        ("server.destroy", {}, f"The name typed is not {NAME}."),
    ],
)
def test_what_must_not_be_done_is_refused(ready: Ready, kind: str, changes: dict[str, str], words: str) -> None:
    assert words in ready.world.refusal(kind, **{"server_id": ready.id_, **changes})
    assert len(ready.world.emulator.counters()["servers"]) == 1


def test_a_destroyed_server_is_gone_everywhere_but_in_its_history(ready: Ready, lab: Client) -> None:
    (droplet,) = ready.world.emulator.server_ids()
    ready.world.emulator.fault("lost_answer", "DELETE", "/v2/droplets")

    job = ready.world.ended("server.destroy", server_id=ready.id_, typed_name=NAME)

    assert job.state == "succeeded", job.cause
    assert ready.world.is_empty_at_the_provider()
    until(lambda: f"m{droplet}" not in lab.hosts(), "the machine to be deleted")
    server = ready.server
    assert (server.life, server.power) == ("decommissioned", "off")
    assert server.gone_at is not None
    assert ready.world.secrets_of(server.id) == []
    assert all(interval.until is not None for interval in ready.world.intervals(server.id))
    assert ready.world.events(server.id)[-1] == ("gone", "Removed by tester")
    assert "no longer exists" in ready.world.refusal("server.power", server_id=ready.id_, action="on")
