"""A lab host for as long as a block lasts, to share between the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from backend.core.secrets.values import Secret
from backend.core.ssh.session import Login
from tests.lab.client import Client
from tests.lab.hosts import LabHost, make_host


@contextmanager
def host(lab: Client, name: str, **order: Any) -> Iterator[LabHost]:
    """It answers SSH when this returns."""
    made = make_host(lab, name, **order)
    try:
        with made.shell() as shell:
            shell.read("cloud-init status --wait")
        yield made
    finally:
        lab.net("heal")
        lab.net("unblock")
        lab.delete(name)


def login(host: LabHost, **changes: Any) -> Login:
    """How the product logs in to it."""
    pinned = " ".join(host.host_key.split()[:2])
    known: dict[str, Any] = {
        "address": host.ip,
        "port": 22,
        "user": "root",
        "private_key": Secret(host.private_key),
        "host_keys": (pinned,),
    }
    return Login(**{**known, **changes})
