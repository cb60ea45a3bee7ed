"""Forked children of the lab's daemon, which has one thread: each keeps only the descriptors it was given."""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Collection

ANSWER_S = 90.0


def fork_into(life: Callable[[], object], keep: Collection[int]) -> int:
    """A child that lives ``life`` and ends; it never returns into its parent's code. Returns its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        close_others(keep)
        life()
    except BaseException:  # whatever it was, the parent's loop must not run twice
        traceback.print_exc(file=sys.stderr)
    finally:
        os._exit(1)


def close_others(keep: Collection[int]) -> None:
    """Close all descriptors above the standard three but those to keep."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in keep:
            try:
                os.close(int(name))
            except OSError:
                continue  # the listing's own


def receive_device(channel: socket.socket, what: str) -> tuple[int, int]:
    """A child's number (a pid) and its TUN device.

    :raises OSError: the child ended before it could send them; the lab's log says why.
    """
    channel.settimeout(ANSWER_S)
    message, descriptors, _flags, _address = socket.recv_fds(channel, 64, 1)
    if not descriptors:
        raise OSError(f"{what} did not start; the lab's log says why")
    return int(message), descriptors[0]


def send_device(channel: socket.socket, number: int, device: int) -> None:
    """The other side of :func:`receive_device`; both descriptors are closed."""
    socket.send_fds(channel, [str(number).encode()], [device])
    os.close(device)
    channel.close()
