"""A TCP connection for SSH: given up as soon as nobody waits for it, ended when its peer is dead."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections.abc import Callable

ASK_EVERY_S = 0.1
PEER_S = 30  # this long a sent byte may stay unanswered

#: A connection that is being made says so by one of these (the last two: Windows).
_UNDER_WAY = {errno.EINPROGRESS, errno.EAGAIN, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EAGAIN)}


def dial(address: str, port: int, *, within_s: float, is_given_up: Callable[[], bool]) -> socket.socket:
    """A connection without Nagle's delay, to the first of the host's addresses that answers.

    :raises OSError: none did in ``within_s`` each, or ``is_given_up()`` became true.
    """
    trouble: OSError | None = None
    for family, kind, protocol, _name, target in socket.getaddrinfo(address, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            _connect(sock, target, time.monotonic() + within_s, is_given_up)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _end_with_a_dead_peer(sock)
        except OSError as error:
            sock.close()
            trouble = error
            if is_given_up():
                break
        else:
            return sock
    raise trouble or OSError(f"{address} has no address")


def _connect(sock: socket.socket, target: object, end: float, is_given_up: Callable[[], bool]) -> None:
    """As ``socket.connect`` with a time-out, which nobody could end."""
    sock.setblocking(False)
    code = sock.connect_ex(target)  # type: ignore[arg-type]  # as getaddrinfo gave it
    if code in _UNDER_WAY:
        code = _outcome(sock, end, is_given_up)
    if code:
        raise OSError(code, os.strerror(code))
    sock.settimeout(None)


def _outcome(sock: socket.socket, end: float, is_given_up: Callable[[], bool]) -> int:
    """The error number that the attempt ended with; 0 when it is connected."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        while not selector.select(ASK_EVERY_S):
            if is_given_up():
                return errno.ECANCELED
            if time.monotonic() >= end:
                return errno.ETIMEDOUT
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def _end_with_a_dead_peer(sock: socket.socket) -> None:
    """The library waits for some answers without a limit: the connection itself must end when nothing comes back.

    The keepalive is what stays unanswered. RFC 5482; Linux and Windows count the unanswered time, macOS the tries.
    """
    for name, value in (("TCP_USER_TIMEOUT", PEER_S * 1000), ("TCP_MAXRT", PEER_S), ("TCP_RXT_CONNDROPTIME", PEER_S)):
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
