"""Emulated hosts over the wire: who may enter, what they answer, and when they do not."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import CommandFailed, HostKeyChanged, HostUnreachable, LoginRefused, SshError
from backend.core.secrets.values import Secret
from backend.core.ssh import sampler
from backend.core.ssh.keys import KeyPair, new_key_pair
from backend.core.ssh.session import Login, SshSession
from backend.demo.emulator.machines import MachineError
from backend.demo.fleet.commands import UNKNOWN
from backend.demo.fleet.machines import CloudMachines, Hosts

IP = "203.0.113.10"


class Site:
    """Hosts on disk, and one machine made by order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.login, self.host = new_key_pair(), new_key_pair()
        self.told: list[dict[str, int]] = []
        self.open()

    def open(self) -> None:
        self.hosts = Hosts(self.folder, self._hear)
        self.cloud = CloudMachines(self.hosts, "digitalocean", "203.0.113.")

    def _hear(self) -> None:
        self.told.append(self.hosts.ports() if hasattr(self, "hosts") else {})

    def make(self, **more: Any) -> str:
        config = {
            "ssh_keys": {"ed25519_private": self.host.private.reveal()},
            "users": [{"name": "root", "ssh_authorized_keys": [f"{self.login.public} mailyard"]}],
            "write_files": [{"path": "/var/lib/mailyard/nonce", "content": "n0nce"}],
        }
        order = {"name": "mx1.acme-dental.example", "vcpus": 1, "memory_mb": 2048, "disk_gb": 50}
        return self.cloud.create("1", order | {"user_data": f"#cloud-config\n{json.dumps(config)}"} | more)

    def session(self, key: KeyPair | None = None, host: KeyPair | None = None, user: str = "root") -> SshSession:
        port = self.hosts.ports()[IP]
        private = (key or self.login).private
        return SshSession(Login("127.0.0.1", port, user, private, ((host or self.host).public,)))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.hosts.close()


def test_a_host_is_entered_with_its_key_and_answers_the_sampler(site: Site) -> None:
    assert site.make() == IP
    with site.session() as ssh:
        first = sampler.read(ssh.check(sampler.COMMAND))
        second = sampler.read(ssh.check(sampler.COMMAND))
        assert ssh.check("cat /var/lib/mailyard/nonce") == "n0nce"

    assert second.uptime_s >= first.uptime_s
    assert 0 < first.levels["memory"] < 100
    assert site.told[-1] == {IP: site.hosts.ports()[IP]}


def test_who_has_no_key_of_it_does_not_come_in_nor_to_another_host(site: Site) -> None:
    site.make()
    for session, error in (
        (site.session(key=new_key_pair()), LoginRefused),
        (site.session(user="admin"), LoginRefused),
        (site.session(host=new_key_pair()), HostKeyChanged),
    ):
        with pytest.raises(error):
            session.connect()


def test_a_command_nobody_taught_it_ends_as_in_any_shell(site: Site) -> None:
    site.make()
    with site.session() as ssh:
        done = ssh.run("rm -rf --no-preserve-root /")
        assert (done.exit_code, done.stderr) == (UNKNOWN, "rm: command not found\n")
        with pytest.raises(CommandFailed):
            ssh.check("cat /nowhere")


def test_files_are_put_whole_replaced_and_read_back(site: Site) -> None:
    site.make()
    with site.session() as ssh:
        ssh.put("/etc/motd", "Grüße\n".encode())
        ssh.put("/etc/motd", b"second\n")
        assert ssh.get("/etc/motd") == b"second\n"
        assert ssh.run("cat /etc/motd.mailyard-new").exit_code == 1
        with pytest.raises(SshError):
            ssh.get("/etc/shadow")


def test_a_new_host_key_counts_from_the_restart_on(site: Site) -> None:
    site.make()
    path = "/etc/ssh/ssh_host_ed25519_key.mailyard"
    with site.session() as ssh:
        ssh.check(f"test -s {path}.pub || (rm -f {path}; ssh-keygen -q -t ed25519 -N '' -C '' -f {path})")
        public = ssh.check(f"cut -d' ' -f1,2 {path}.pub").strip()
        ssh.check(f"set -e; if [ -s {path} ]; then cp -p {path}.pub x; fi")
    with site.session() as ssh:
        ssh.check("mkdir -p /run/sshd && sshd -t && (systemctl restart ssh || systemctl restart sshd)")
    with site.session(host=KeyPair(public, Secret(""))) as ssh:
        assert ssh.check("hostname -f") == "mx1.acme-dental.example\n"


@pytest.mark.parametrize("change", ["off", "silent", "gone"])
def test_a_host_that_is_off_silent_or_gone_is_unreachable_and_open_sessions_end(site: Site, change: str) -> None:
    site.make()
    with site.session() as ssh:
        session = site.session()
        if change == "off":
            site.cloud.power("1", "off")
        elif change == "silent":
            site.hosts.change("digitalocean:1", is_silent=True)
        else:
            site.cloud.delete("1")
        with pytest.raises(HostUnreachable):
            ssh.run("true")
    with pytest.raises(HostUnreachable):
        session.connect()


def test_switched_on_again_it_is_another_boot_of_the_same_disk(site: Site) -> None:
    site.make()
    boot = "cat /proc/sys/kernel/random/boot_id"
    with site.session() as ssh:
        before = ssh.check(boot)
    site.cloud.power("1", "shutdown")
    site.cloud.power("1", "on")
    with site.session() as ssh:
        assert ssh.check(boot) != before
        assert ssh.check("cat /var/lib/mailyard/nonce") == "n0nce"


def test_a_snapshot_brings_the_disk_back_and_an_unknown_one_is_refused(site: Site) -> None:
    site.make()
    site.cloud.snapshot("1", "before")
    with site.session() as ssh:
        ssh.check("rm -f /var/lib/mailyard/nonce")
    site.cloud.restore("1", "before")
    with site.session() as ssh:
        assert ssh.check("cat /var/lib/mailyard/nonce") == "n0nce"
    twin = site.cloud.create("3", {"name": "b", "vcpus": 1, "memory_mb": 512, "disk_gb": 10, "image": "before"})
    login = Login("127.0.0.1", site.hosts.ports()[twin], "root", site.login.private, (site.host.public,))
    with SshSession(login) as ssh:
        assert ssh.check("cat /var/lib/mailyard/nonce") == "n0nce"
    with pytest.raises(MachineError):
        site.cloud.restore("1", "never taken")
    with pytest.raises(MachineError):
        site.cloud.power("2", "on")


def test_everything_is_there_again_after_a_restart_even_what_was_silent(site: Site) -> None:
    site.make()
    site.cloud.resize("1", memory_mb=4096, vcpus=2, disk_gb=None)
    site.hosts.close()
    site.open()
    with site.session() as ssh:
        assert ssh.check("cat /var/lib/mailyard/nonce") == "n0nce"
    assert site.hosts.of("digitalocean:1").record["memory_mb"] == 4096
    assert site.hosts.of("digitalocean:1").record["disk_gb"] == 50
    site.hosts.change("digitalocean:1", is_silent=True)
    site.hosts.close()
    site.open()
    with pytest.raises(HostUnreachable):
        site.session().connect()


def test_made_twice_under_one_number_it_is_one_host(site: Site) -> None:
    assert site.make() == site.make() == IP
    assert site.cloud.create("2", {"name": "b.example", "vcpus": 1, "memory_mb": 512, "disk_gb": 10}) == "203.0.113.11"


def test_a_command_that_ends_at_once_was_taken_before(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its channel was closed before the reply to it: on a busy machine a command came to nothing now and then."""
    site.make()
    with site.session() as ssh:
        monkeypatch.setattr(ThreadPoolExecutor, "submit", at_once)

        assert ssh.check("cat /var/lib/mailyard/nonce") == "n0nce"


def at_once(_pool: ThreadPoolExecutor, act: Callable[..., object], *given: object) -> Future[object]:
    """On the thread that asks for it, where it is the host's; our own go on as ever."""
    done: Future[object] = Future()
    if threading.current_thread().name.startswith("Thread-"):
        done.set_result(act(*given))
    else:
        threading.Thread(target=lambda: done.set_result(act(*given)), name="ours").start()
    return done
