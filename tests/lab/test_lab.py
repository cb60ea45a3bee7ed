"""A lab host is what a rented server is: it boots, obeys cloud-init, has limits, reboots, and can be copied."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from tests.lab.client import Client, LabError
from tests.lab.hosts import SSH_S, LabHost
from tests.lab.orders import HostOrder
from tests.lab.shell import Shell, banner
from tests.lab.waiting import until

pytestmark = pytest.mark.lab

NewHost = Callable[..., LabHost]


def test_a_host_answers_ssh_once_it_is_made(lab_host: NewHost) -> None:
    assert banner(lab_host().ip, SSH_S).startswith("SSH-2.0-OpenSSH")


def test_cloud_init_applies_what_it_was_given(lab_host: NewHost) -> None:
    config = {
        "hostname": "mail",
        "fqdn": "mail.example.org",
        "manage_etc_hosts": True,
        "write_files": [
            {"path": "/run/nonce", "content": "seven"},
            {"path": "/var/lib/mailyard/nonce", "content": "eight", "permissions": "0600"},
        ],
        "runcmd": ["echo ran > /root/ran"],
        "groups": ["agency"],
    }

    host = lab_host(cloud_config=config)

    with host.shell() as shell:  # the host showed the key that user-data brought, or this would not open
        assert shell.read("cloud-init status --wait").endswith("status: done")
        assert shell.read("hostname; hostname -f").split() == ["mail", "mail.example.org"]
        assert shell.read("cat /run/nonce /var/lib/mailyard/nonce") == "seveneight"
        assert shell.read("stat -c %a /var/lib/mailyard/nonce") == "600"
        assert shell.read("cat /root/ran; getent group agency | cut -d: -f1").split() == ["ran", "agency"]
        assert shell.read("ls /etc/ssh/ssh_host_*_key") == "/etc/ssh/ssh_host_ed25519_key"
        assert shell.read("systemctl --failed --no-legend") == ""


def test_hosts_without_keys_make_their_own(lab: Client, lab_host: NewHost) -> None:
    look = lab_host("look")
    for name in ("one", "two"):
        lab.create(HostOrder(name))
    addresses = [lab.state(name).ip for name in ("one", "two")]
    try:
        assert all(banner(address, SSH_S) for address in addresses)

        with look.shell() as shell:
            keys = [shell.read(f"ssh-keyscan -t ed25519 {ip} 2>/dev/null | cut -d' ' -f3") for ip in addresses]

        assert keys[0].startswith("AAAA")
        assert keys[0] != keys[1]
    finally:
        for name in ("one", "two"):
            lab.delete(name)


def test_limits_are_seen_and_hold(lab: Client, lab_host: NewHost) -> None:
    host = lab_host(memory_mb=600, cpus=1.0, disk_mb=1024)

    with host.shell() as shell:
        assert shell.read("awk '/MemTotal/ {print $2}' /proc/meminfo") == str(600 * 1024)
        assert shell.read("grep -c ^processor /proc/cpuinfo") == "1"
        assert 900 < int(shell.read("df -m --output=size / | tail -1")) <= 1024
        assert "No space left" in shell.run("dd if=/dev/zero of=/var/full bs=1M count=2000").output
        shell.read("rm /var/full")
        greedy = shell.run("python3 -c 'bytearray(900 << 20).replace(bytes(1), bytes([1]))'; exit $?")
        assert greedy.code == 137  # killed for want of memory, and nothing else was

    with host.shell() as shell:
        assert shell.read("systemctl is-active ssh") == "active"


def test_memory_grows_while_a_host_runs(lab: Client, lab_host: NewHost) -> None:
    host = lab_host(memory_mb=512)

    lab.resize(host.name, memory_mb=1024, cpus=2.0)

    with host.shell() as shell:
        assert shell.read("awk '/MemTotal/ {print $2}' /proc/meminfo") == str(1024 * 1024)


def test_a_disk_grows_while_its_host_is_off(lab: Client, lab_host: NewHost) -> None:
    host = lab_host(disk_mb=1024)
    with host.shell() as shell:
        shell.read("echo kept > /root/kept; sync")
    with pytest.raises(LabError, match="switch it off"):
        lab.resize(host.name, memory_mb=512, cpus=1.0, disk_mb=2048)
    lab.shut_down(host.name)

    assert lab.resize(host.name, memory_mb=512, cpus=1.0, disk_mb=2048).disk_mb == 2048

    with pytest.raises(LabError, match="can only grow"):
        lab.resize(host.name, memory_mb=512, cpus=1.0, disk_mb=1024)
    lab.power_on(host.name)
    with host.shell() as shell:
        assert 1900 < int(shell.read("df -m --output=size / | tail -1")) <= 2048
        shell.read("dd if=/dev/zero of=/var/big bs=1M count=1500 status=none && rm /var/big")
        assert shell.read("cat /root/kept") == "kept"


def test_a_reboot_from_inside_keeps_files_and_is_a_new_boot(lab: Client, lab_host: NewHost) -> None:
    host = lab_host()
    with host.shell() as shell:
        shell.read("cloud-init status --wait")
        before = shell.read("cat /proc/sys/kernel/random/boot_id")
        shell.read("echo kept > /root/kept; echo gone > /run/gone; sync")
        shell.run("systemctl reboot")
    assert until(lambda: lab.state(host.name).boots == 2, SSH_S)

    with host.shell() as shell:
        assert shell.read("cat /root/kept") == "kept"
        assert shell.run("test -e /run/gone").code == 1
        assert shell.read("cat /proc/sys/kernel/random/boot_id") != before
        assert shell.read("cloud-init status --wait").endswith("status: done")


def test_a_reboot_from_outside_comes_back_under_the_same_key(lab: Client, lab_host: NewHost) -> None:
    host = lab_host()

    state = lab.reboot(host.name)

    assert (state.boots, state.power) == (2, "on")
    with host.shell() as shell:
        assert shell.read("echo back") == "back"


def test_power_off_is_silent_and_power_on_brings_it_back(lab: Client, lab_host: NewHost) -> None:
    host = lab_host()
    with host.shell() as shell:
        shell.read("echo kept > /root/kept; sync")

    assert lab.power_off(host.name).power == "off"

    with pytest.raises(TimeoutError):
        socket.create_connection((host.ip, 22), timeout=1)
    assert lab.power_on(host.name).power == "on"
    with host.shell() as shell:
        assert shell.read("cat /root/kept") == "kept"


def test_shutting_down_lets_services_end_first(lab: Client, lab_host: NewHost) -> None:
    host = lab_host()
    with host.shell() as shell:
        shell.read(
            "systemd-run --unit=last --property=ExecStop='/bin/sh -c \"echo said > /root/goodbye\"' sleep infinity"
        )

    assert lab.shut_down(host.name).power == "off"

    lab.power_on(host.name)
    with host.shell() as shell:
        assert shell.read("cat /root/goodbye") == "said"


def test_power_off_from_inside_is_seen_outside(lab: Client, lab_host: NewHost) -> None:
    host = lab_host()
    with host.shell() as shell:
        shell.run("systemctl poweroff")

    assert until(lambda: not lab.state(host.name).is_on, SSH_S)
    assert lab.state(host.name).boots == 1


def test_a_snapshot_of_a_snapshot_carries_both_layers(lab: Client, lab_host: NewHost) -> None:
    first = lab_host("first")
    with first.shell() as shell:
        shell.read("cloud-init status --wait; echo one > /root/one; rm /etc/issue")
        identity = shell.read("cat /etc/machine-id")
    lab.snapshot("first", "golden 1")
    lab.delete("first")
    second = lab_host("second", image="golden 1")
    with second.shell() as shell:
        shell.read("cloud-init status --wait; echo two > /root/two")
    lab.snapshot("second", "golden 2")

    third = lab_host("third", image="golden 2")

    with third.shell() as shell:
        assert shell.read("cat /root/one /root/two").split() == ["one", "two"]
        assert shell.run("test -e /etc/issue").code == 1
        assert shell.read("hostname") == "third"
        assert shell.read("cat /etc/machine-id") != identity


def test_a_restored_host_is_as_it_was_and_still_itself(lab: Client, lab_host: NewHost) -> None:
    host = lab_host("kept")
    with host.shell() as shell:
        shell.read("cloud-init status --wait; echo before > /root/note; sync")
        identity = shell.read("cat /etc/machine-id")
    lab.snapshot("kept", "before")
    with host.shell() as shell:
        shell.read("echo after > /root/note; touch /root/more; sync")

    lab.restore("kept", "before")

    with host.shell() as shell:
        assert shell.read("cat /root/note") == "before"
        assert shell.run("test -e /root/more").code == 1
        assert shell.read("cat /etc/machine-id") == identity


def test_hosts_see_only_themselves(lab_host: NewHost) -> None:
    host = lab_host()

    with host.shell() as shell:
        assert shell.read("cat /proc/1/comm") == "systemd"
        assert int(shell.read("ls /proc | grep -c '^[0-9]'")) < 60
        assert shell.read("ip -o -4 addr show dev eth0 | awk '{print $4}'") == f"{host.ip}/32"
        assert shell.read("ls -A /.old 2>/dev/null || ls -A /root/.cache 2>/dev/null || echo nothing") == "nothing"


def test_a_deleted_host_is_gone_and_its_name_is_free(lab: Client, lab_host: NewHost) -> None:
    host = lab_host("mx1")

    lab.delete("mx1")

    assert "mx1" not in lab.hosts()
    with pytest.raises(LabError, match="there is no host mx1"):
        lab.power_on("mx1")
    again = lab.create(HostOrder("mx1"))
    assert again.ip != host.ip


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        ({"name": "twice"}, "there is a twice already"),
        ({"name": "x", "image": "nothing"}, "there is no image nothing"),
        ({"name": "x", "ip": "192.0.2.1"}, "not in 10.77.0.0/16"),
        ({"name": "x", "memory_mb": 1}, "at least 64 MB"),
        ({"name": "../x"}, "no name for a host"),
    ],
)
def test_wrong_orders_are_refused(lab: Client, lab_host: NewHost, order: dict[str, object], refusal: str) -> None:
    lab_host("twice")
    there = set(lab.hosts())  # a mail server may run beside it for other tests

    with pytest.raises((LabError, ValueError), match=refusal):
        lab.create(HostOrder(**order))  # type: ignore[arg-type]

    assert set(lab.hosts()) == there


def test_a_wrong_host_key_is_not_accepted(lab_host: NewHost) -> None:
    """The check that makes all other logins here worth something."""
    host, other = lab_host("one"), lab_host("two")
    assert banner(host.ip, SSH_S)

    with pytest.raises(Exception, match="does not match"):
        Shell(host.ip, host.private_key, other.host_key)
