"""Hostwinds tells the password of root with every server: it gets into no row, no error, no log, no text of ours."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from backend.core.errors import MailyardError
from backend.core.secrets.values import Secret
from backend.providers.ports import Machine, MachineIdentity, PowerAction
from tests.backend.providers.cases import HOSTWINDS
from tests.backend.providers.cases.case import Call
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.hostwinds import driver_of, hostwinds

CANARY = "CANARY-"
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("malformed", {}),
    ("cut_body", {}),
    ("500_after", {}),
    ("html", {"status": 200}),
    ("lost_answer", {}),
]
POWER: list[PowerAction] = ["shutdown", "on", "reboot"]


def _everything(cloud: Cloud) -> Iterator[object]:
    """What a whole life of a server hands out."""
    driver, machine = driver_of(cloud), cloud.active()
    yield from (machine, driver.verify(), driver.catalogue(), driver.machines(), driver.find(_some_intent(machine)))
    for action in POWER:
        yield cloud.ended(machine.id, action)
    yield cloud.grown(machine.id, HOSTWINDS.larger)
    yield driver.set_reverse(machine.id, machine.ipv4[0], "mail.acme.example")
    yield driver.reverse_names(machine.id)
    yield driver.enter(machine.id, _meet)
    yield driver.usage(machine.id)
    yield from _failures(cloud, machine)
    driver.delete(machine.id)
    yield _failed(lambda: driver.usage(machine.id))
    yield from (driver, vars(driver), driver.charges(), list(driver.snapshots()))


def _failures(cloud: Cloud, machine: Machine) -> Iterator[str]:
    """Every way in which an answer about a server can go wrong, as text with its whole trace."""
    driver = cloud.driver
    looks: dict[Call, Callable[[], object]] = {"show": lambda: driver.get(machine.id), "read": driver.machines}
    for name, look in looks.items():
        for fault, details in FAULTS:
            cloud.strike(fault, name, **details)
            yield _failed(look)
    if cloud.mode == "drift":
        cloud.strike("changed", "show", without=["serviceid"])
        yield _failed(looks["show"])
    cloud.strike("cut_body", "show")
    yield _failed(lambda: driver.usage(machine.id))
    cloud.strike("lost_answer", "resize")
    yield _failed(lambda: driver.resize(machine.id, "54", grow_disk=True))


def _failed(act: Callable[[], object]) -> str:
    with pytest.raises(MailyardError) as told:
        act()
    error = told.value
    parts = [error.title, error.remedy, error.detail, repr(error), *traceback.format_exception(error)]
    causes = [vars(each) for each in (error.__cause__, error.__context__) if each is not None]
    return "\n".join([*parts, repr(causes)])


def _meet(_address: str, _password: Secret, _marks: MachineIdentity) -> str:
    return "ssh-ed25519 AAAA"


def _some_intent(machine: Machine) -> UUID:
    return UUID(machine.tags[1].rsplit(":", 1)[1])


@hostwinds
def test_no_secret_of_a_server_gets_anywhere(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        handed_out = [repr(each) for each in _everything(cloud)]

    seen = "\n".join([*handed_out, caplog.text])
    assert len(handed_out) > 20
    assert "mx1.example.net" in seen
    assert CANARY not in seen
    assert cloud.emulator.token not in seen


@hostwinds
def test_the_canaries_are_there_to_be_found(cloud: Cloud) -> None:
    met: list[str] = []
    machine = cloud.active()

    def meet(_address: str, password: Secret, _marks: MachineIdentity) -> str:
        met.append(password.reveal())
        return ""

    driver_of(cloud).enter(machine.id, meet)

    assert met[0].startswith(CANARY)
