"""What takes connections and cannot, as without descriptors, tries again with pauses: it took a processor."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from backend.demo.emulator import server
from backend.demo.emulator.faults import Faults
from backend.demo.fleet import clouds, ssh_listeners
from tests.installation import until


@contextmanager
def hosts() -> Iterator[int]:
    listeners = ssh_listeners.SshListeners()
    port = listeners.reserve()
    host: Any = SimpleNamespace(record={"port": port})
    listeners.open("one", host)
    yield port
    listeners.close()


@contextmanager
def cloud() -> Iterator[int]:
    api: Any = SimpleNamespace()
    made = server.EmulatorServer(0, api, Faults())
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made.server_address[1]
    made.shutdown()
    thread.join()
    made.server_close()


@contextmanager
def reference() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=clouds.take_and_close, args=(listener,))
    thread.start()
    yield listener.getsockname()[1]
    listener.close()
    thread.join()


@pytest.mark.parametrize("served", [hosts, cloud, reference])
def test_it_pauses_between_its_tries(served: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    tried_at: list[float] = []

    def fail(_listener: socket.socket) -> Any:
        tried_at.append(time.monotonic())
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket.socket, "accept", fail)
    with served() as port, socket.socket() as client:
        client.connect(("127.0.0.1", port))
        until(lambda: len(tried_at) >= 4, "its tries")

    pause_s = min(ssh_listeners.AGAIN_S, server.AGAIN_S, clouds.AGAIN_S)
    assert all(after - before >= 0.9 * pause_s for before, after in pairwise(tried_at))
