"""The lab's network: far regions are far, cuts are silent, blocked ports are blocked, and nothing leads outside."""

from __future__ import annotations

import errno
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab.client import Client, LabError
from tests.lab.hosts import SSH_S, LabHost
from tests.lab.shell import banner
from tests.lab.waiting import until

pytestmark = pytest.mark.lab

NewHost = Callable[..., LabHost]
HERE = "here"  # the console's region


@pytest.fixture
def near(lab: Client, lab_host: NewHost) -> Iterator[LabHost]:
    """A host in region fra; the network is whole again afterwards."""
    host = lab_host("near", region="fra")
    assert banner(host.ip, SSH_S)
    yield host
    lab.net("heal")
    lab.net("unblock")
    lab.net("link", a=HERE, b="fra")


def test_a_far_region_is_far(lab: Client, near: LabHost) -> None:
    """A handshake takes as long as the way; on a busy machine longer, but not each time."""
    assert until(lambda: _round_trip(near.ip) < 0.05, SSH_S)

    lab.net("link", a=HERE, b="fra", ms=120)

    assert min(_round_trip(near.ip) for _turn in range(3)) >= 0.12
    assert until(lambda: _round_trip(near.ip) < 0.25, SSH_S)


def test_a_lossy_link_loses_and_tcp_comes_through(lab: Client, near: LabHost) -> None:
    lab.net("link", a=HERE, b="fra", loss=0.2)
    before = lab.net("counters")

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _number in range(200):
            sender.sendto(bytes(100), (near.ip, 9))
    sent = 200 * (100 + 28)
    assert until(lambda: lab.net("counters")["10.77.0.2"][1] - before["10.77.0.2"][1] >= sent, SSH_S)

    assert 0.6 * sent < lab.net("counters")[near.ip][0] - before[near.ip][0] < 0.95 * sent
    assert banner(near.ip, SSH_S)


def test_a_cut_region_is_silent_until_healed(lab: Client, near: LabHost) -> None:
    lab.net("cut", a="fra")

    with pytest.raises(TimeoutError):
        socket.create_connection((near.ip, 22), timeout=1)

    lab.net("heal", a="fra")
    assert banner(near.ip, SSH_S)


def test_a_cut_in_one_direction_lets_the_other_pass(lab: Client, near: LabHost) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener, near.shell() as shell:
        listener.bind(("10.77.0.2", 0))
        listener.settimeout(SSH_S)
        port = listener.getsockname()[1]
        shell.read(f"systemd-run bash -c 'while sleep 0.05; do echo hello > /dev/udp/10.77.0.2/{port}; done'")
        assert listener.recv(16) == b"hello\n"

        lab.net("cut", a=HERE, b=near.ip, both=False)

        assert [listener.recv(16) for _number in range(10)] == [b"hello\n"] * 10
        with pytest.raises(TimeoutError):
            socket.create_connection((near.ip, 22), timeout=1)
        lab.net("heal")


def test_blocked_ports_are_dropped_or_rejected(lab: Client, near: LabHost) -> None:
    lab.net("block", source="*", target=near.ip, port=22, how="reject")
    with pytest.raises(OSError, match="No route to host"):
        socket.create_connection((near.ip, 22), timeout=SSH_S)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((near.ip, 23), timeout=SSH_S)
    lab.net("unblock")

    lab.net("block", source=HERE, target="fra", port=22)
    with pytest.raises(TimeoutError):
        socket.create_connection((near.ip, 22), timeout=1)


def test_a_floating_address_moves(lab: Client, lab_host: NewHost, near: LabHost) -> None:
    other, floating = lab_host("other", region="nyc"), "10.77.250.1"
    for host in (near, other):
        with host.shell() as shell:
            shell.read(f"ip addr add {floating}/32 dev eth0; echo {host.name} > /root/name")

    names = []
    for host in (near, other):
        lab.net("alias", ip=floating, to=host.ip)
        names.append(_host_key(floating))

    assert names == [near.host_key.split()[1], other.host_key.split()[1]]


def test_bytes_are_counted_and_captured(lab: Client, near: LabHost, tmp_path: Path) -> None:
    before = lab.net("counters")[near.ip]
    lab.net("capture", path=str(tmp_path / "all.pcap"))
    with near.shell() as shell:
        shell.read("head -c 200000 /dev/zero")
    lab.net("capture")

    received, sent = (after - earlier for after, earlier in zip(lab.net("counters")[near.ip], before, strict=True))
    assert sent > 200_000 > received > 500
    sizes = _captured(tmp_path / "all.pcap")
    assert 200_000 < sum(sizes) == pytest.approx(received + sent, rel=0.01)


def test_an_address_nobody_ever_had_is_unreachable() -> None:
    with pytest.raises(OSError) as caught:
        socket.create_connection(("10.77.240.9", 22), timeout=SSH_S)

    assert caught.value.errno == errno.EHOSTUNREACH


@pytest.mark.parametrize("address", ["192.0.2.1", "1.1.1.1"])
def test_no_way_leads_out(address: str) -> None:
    """Tried by a child, which has the lab's network but not the wall that stands within the test process."""
    script = "import socket, sys; sys.exit(socket.socket().connect_ex((sys.argv[1], 443)))"
    done = subprocess.run([sys.executable, "-c", script, address], timeout=60, check=False)

    assert done.returncode == errno.EHOSTUNREACH


def test_the_console_has_a_loopback_of_its_own() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=SSH_S) as caller,
    ):
        assert caller.getpeername() == server.getsockname()


def test_the_relay_refuses_what_it_does_not_know(lab: Client) -> None:
    for order, refusal in (
        ({"operation": "bend"}, "does not know bend"),
        ({"operation": "alias", "ip": "10.77.250.2", "to": "10.77.251.1"}, "does not know 10.77.251.1"),
        ({"operation": "block", "source": "*", "target": "*", "port": 25, "how": "softly"}, "drop or reject"),
        ({"operation": "add", "ip": "10.77.0.2", "region": "x"}, "own business"),
    ):
        with pytest.raises(LabError, match=refusal):
            lab.net(**order)


def _round_trip(ip: str) -> float:
    """Seconds of a TCP handshake."""
    began = time.monotonic()
    socket.create_connection((ip, 22), timeout=SSH_S).close()
    return time.monotonic() - began


def _host_key(ip: str) -> str:
    import paramiko

    with socket.create_connection((ip, 22), timeout=SSH_S) as connection, paramiko.Transport(connection) as transport:
        transport.start_client(timeout=SSH_S)
        return transport.get_remote_server_key().get_base64()


def _captured(path: Path) -> list[int]:
    """Sizes of the packets in a pcap file."""
    raw, at, sizes = path.read_bytes(), 24, []
    assert struct.unpack("<I", raw[:4]) == (0xA1B2C3D4,)
    while at < len(raw):
        kept, size = struct.unpack("<II", raw[at + 8 : at + 16])
        sizes.append(size)
        at += 16 + kept
    return sizes
