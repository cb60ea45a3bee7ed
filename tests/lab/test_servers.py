"""Servers in nodes: each in a network of its own, with what they say in a file, and gone with the lab."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lab.base import is_kept
from tests.lab.client import Client, LabError
from tests.lab.lifetime import up
from tests.lab.nodes.plan import Node
from tests.lab.nodes.servers import Servers
from tests.lab.orders import ServerOrder
from tests.lab.waiting import connects, until

pytestmark = pytest.mark.lab

END_S = 20.0


@pytest.fixture
def fresh_servers(lab: Client, tmp_path: Path) -> Servers:
    """Servers with a folder of their own."""
    return Servers(lab, tmp_path)


def test_a_server_answers_at_its_nodes_address_alone(fresh_servers: Servers, tmp_path: Path) -> None:
    node = Node("web", "10.77.0.90")
    command = [sys.executable, "-u", "-m", "http.server", "80", "--bind", "0.0.0.0"]

    fresh_servers.start(node, command, lambda: connects(node.ip, 80))

    assert not connects("127.0.0.1", 80)
    assert "Serving HTTP on 0.0.0.0 port 80" in (tmp_path / "web/log").read_text()


def test_a_server_that_ends_is_told_with_its_last_words(lab: Client, fresh_servers: Servers) -> None:
    with pytest.raises(LabError, match="sh in the lab does not answer: no such luck"):
        fresh_servers.start(Node("short", "10.77.0.91"), ["sh", "-c", "echo no such luck; exit 1"], lambda: False)

    pid = lab.spawn(ServerOrder("short", ["sleep", "0.1"], "/dev/null"))
    assert until(lambda: not lab.is_running(pid), END_S)


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        (ServerOrder("nowhere", ["true"], "/dev/null"), "there is no node nowhere"),
        (ServerOrder("console", ["no-such-program"], "/dev/null"), "No such file or directory: 'no-such-program'"),
        (ServerOrder("console", ["true"], "/no/such/log"), "No such file or directory: '/no/such/log'"),
    ],
)
def test_what_cannot_start_is_refused(lab: Client, order: ServerOrder, refusal: str) -> None:
    with pytest.raises(LabError, match=refusal):
        lab.spawn(order)


def test_servers_end_with_their_lab(tmp_path: Path) -> None:
    """Whoever holds the lock lives."""
    lock = str(tmp_path / "lock")
    other = up()
    client = Client.connect(other.path)
    client.spawn(ServerOrder("console", ["flock", lock, "sleep", "infinity"], str(tmp_path / "log")))
    assert until(lambda: not _is_free(lock), END_S)

    client.close()
    other.down()

    assert until(lambda: _is_free(lock), END_S)


def _is_free(lock: str) -> bool:
    return subprocess.run(["flock", "--nonblock", lock, "true"]).returncode == 0


def test_what_was_long_unused_makes_room_for_what_is_new(tmp_path: Path) -> None:
    for name, age_s in (("kind-old", 8 * 86400), ("kind-young", 86400), ("other-old", 8 * 86400)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)

    assert is_kept(tmp_path / "kind-young")
    assert not is_kept(tmp_path / "kind-new")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["kind-young", "other-old"]
    assert time.time() - (tmp_path / "kind-young").stat().st_mtime < 3600
