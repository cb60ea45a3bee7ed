"""The network as tests may use it: loopback, the lab's addresses and local sockets. All else is refused and told."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

ALLOWED = tuple(map(ip_network, ("127.0.0.0/8", "::1/128", "0.0.0.0/32", "::/128", "10.77.0.0/16")))
LOCAL_NAMES = frozenset({"", "localhost", "ip6-localhost"})
#: Names that RFC 2606 and 6761 promise never to exist: the answer is known without asking anybody.
NOWHERE = (".invalid", ".test")
SENDING = ("connect", "connect_ex", "sendto", "sendmsg")


class NetworkClosed(AssertionError):
    """Something reached for an address outside loopback and the lab."""


class NetworkWall:
    """Patches Python's sockets for the whole test process; ``tried`` holds what was refused.

    Other programs and libraries in C are outside of it: the lab's console, in which all tests run under
    ``make test``, has no route out.
    """

    def __init__(self) -> None:
        self.tried: list[str] = []
        self._before: dict[str, Callable[..., Any]] = {name: getattr(socket.socket, name) for name in SENDING}
        self._look_up = socket.getaddrinfo

    def build(self) -> None:
        for name, before in self._before.items():
            setattr(socket.socket, name, self._guarded(before))
        socket.getaddrinfo = self._guarded_look_up

    def take_down(self) -> None:
        for name, before in self._before.items():
            setattr(socket.socket, name, before)
        socket.getaddrinfo = self._look_up

    def take_tried(self) -> list[str]:
        """What was refused since the last call."""
        found, self.tried = self.tried, []
        return found

    def _guarded(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def send(own: socket.socket, *arguments: Any) -> Any:
            # The address is the last argument of all four; sendmsg and connected sockets may go without.
            address = arguments[-1] if arguments else None
            if own.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
                self._check(str(address[0]))
            return before(own, *arguments)

        return send

    def _guarded_look_up(self, host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host or "")
        if name.endswith(NOWHERE):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        self._check(name)
        return self._look_up(host, *arguments, **options)

    def _check(self, host: str) -> None:
        if not is_allowed(host):
            self.tried.append(host)
            raise NetworkClosed(f"{host} is outside loopback and the lab: tests do not reach it")


def is_allowed(host: str) -> bool:
    """Whether a test may reach a name or an address."""
    if host in LOCAL_NAMES:
        return True
    try:
        address = ip_address(host.split("%")[0])
    except ValueError:
        return False
    return any(address in network for network in ALLOWED)
