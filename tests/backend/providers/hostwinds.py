"""What the tests of Hostwinds alone share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.providers.hostwinds.driver import Hostwinds
from tests.backend.providers.cases import HOSTWINDS, both_modes, mode_name
from tests.backend.providers.conftest import Cloud

hostwinds = pytest.mark.parametrize("cloud", both_modes(HOSTWINDS), indirect=True, ids=mode_name)
plain = pytest.mark.parametrize("plain_cloud", [HOSTWINDS], indirect=True, ids=["hostwinds"])


def driver_of(cloud: Cloud) -> Hostwinds:
    assert isinstance(cloud.driver, Hostwinds)
    return cloud.driver


def changed(cloud: Cloud, machine_id: str, **changes: object) -> None:
    """What the service itself or a person in the portal did to a server."""
    cloud.emulator.set("change", serviceid=machine_id, changes=changes)


@contextmanager
def nothing_sent(cloud: Cloud, *reads: str) -> Iterator[None]:
    """Inside, only calls that read go out, and those named exactly."""
    before = len(cloud.emulator.log())
    yield
    calls = [entry["path"].split("/")[3] for entry in cloud.emulator.log()[before:]]
    assert calls == list(reads)
