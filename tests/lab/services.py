"""What hosts stand on: the relay's process, lxcfs, nodes (bare network namespaces), and the servers in these."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.lab import namespaces as ns
from tests.lab.children import fork_into, receive_device, send_device
from tests.lab.orders import Refused, ServerOrder
from tests.lab.relay import Relay
from tests.lab.waiting import until

LXCFS_WAIT_S = 60.0


class Wire:
    """The daemon's line to the relay: one order, one answer."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def order(self, order: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        """:raises Refused: the relay cannot do it."""
        socket.send_fds(self._channel, [json.dumps(order).encode()], descriptors)
        answer: dict[str, Any] = json.loads(self._channel.recv(1 << 20))
        if "ok" not in answer:
            raise Refused(str(answer["error"]))
        found: dict[str, Any] = answer["ok"]
        return found

    def attach(self, ip: str, region: str, device: int) -> None:
        """Hand a TUN device over to the relay."""
        try:
            self.order({"op": "add", "ip": ip, "region": region}, [device])
        finally:
            os.close(device)

    def detach(self, ip: str) -> None:
        self.order({"op": "remove", "ip": ip})


def start_relay() -> Wire:
    """The relay in a process of its own; it ends with the wire."""
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    fork_into(lambda: Relay(theirs).run(), keep={theirs.fileno()})
    theirs.close()
    return Wire(mine)


def start_lxcfs(folder: str) -> str:
    """Mount lxcfs (a /proc that shows a reader's own limits); returns its folder."""
    os.mkdir(folder)
    command = ["lxcfs", "-f", "-l", "--enable-cfs", "-p", f"{folder}.pid", folder]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not until(lambda: os.path.exists(f"{folder}/proc/meminfo"), LXCFS_WAIT_S):
        raise OSError("lxcfs did not start")
    return folder


def start_node(ip: str) -> tuple[int, int]:
    """A process that holds a network namespace with one address, and its TUN device."""
    mine, theirs = socket.socketpair()
    fork_into(lambda: _hold_network(ip, theirs), keep={theirs.fileno()})
    theirs.close()
    with mine:
        return receive_device(mine, f"the node at {ip}")


def start_server(order: ServerOrder, network: int) -> subprocess.Popen[bytes]:
    """In the network behind the descriptor; like all in the lab's pid namespace it ends with the lab.

    :raises OSError: there is no such program, folder, or place for the log.
    """
    with open(order.log, "ab") as log:
        return subprocess.Popen(
            order.command,
            cwd=order.folder,
            env={**os.environ, **order.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: ns.enter(network, ns.NEWNET),  # the daemon has one thread
        )


def _hold_network(ip: str, channel: socket.socket) -> None:
    ns.unshare(ns.NEWNET)
    device = ns.open_tun("eth0")
    ns.configure_network(ip)
    Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
    send_device(channel, os.getpid(), device)
    while True:
        signal.pause()
