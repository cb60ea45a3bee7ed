"""Drivers at emulated providers, each in both of its modes: as documented (checked by prism), and as live."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.present.text import PSEUDO, activate
from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.providers.capabilities import clouds
from backend.providers.hostwinds import wire as hostwinds_wire
from backend.providers.network import Allowed
from backend.providers.ports import (
    OUR_TAG,
    ActionState,
    ComputeProvider,
    Machine,
    Order,
    PaidResize,
    PowerAction,
    intent_tag,
)
from backend.providers.registry import known_providers
from tests.backend.providers.cases import CASES, Case, all_modes, mode_name
from tests.backend.providers.cases.case import Call
from tests.emulators.process import Emulator
from tests.installation import until
from tests.prism.plugin import Exchanges, Prisms

NAME = "mx1.example.net"


@dataclass(frozen=True)
class Cloud:
    """An emulated account, and the driver at work on it."""

    case: Case
    driver: ComputeProvider
    emulator: Emulator
    mode: str
    url: str

    def driver_for(self, token: str) -> ComputeProvider:
        """Another driver; the caller closes it."""
        return known_providers().open(self.case.kind, Secret(self.case.credential(token)), endpoint_url=self.url)

    def order(self, intent: UUID | None = None, changes: Mapping[str, str] = MappingProxyType({})) -> Order:
        """An order with a freshly registered key, where the provider takes keys."""
        wanted = {"name": NAME, **self.case.order, **changes}
        tags = (OUR_TAG, *([intent_tag(intent)] if intent else []))
        public = new_key_pair().public
        key_id = self.driver.register_key(f"key-{uuid4()}", public) if self.can("login_keys") else ""
        data = Secret("#cloud-config\n{}\n")
        return Order(**wanted, key_id=key_id, public_key=public, user_data=data, tags=tags)

    def can(self, row: str) -> bool:
        """What the capability matrix says of this provider."""
        return clouds()[self.case.kind].can(row)

    @property
    def stopping(self) -> PowerAction:
        """The gentlest way this provider has to stop a server."""
        return "shutdown" if self.can("clean_shutdown") else "off"

    def active(self) -> Machine:
        """A server that runs."""
        made = self.driver.create(self.order())
        return self.becomes(made.id, lambda machine: machine.state == "active")

    def becomes(self, machine_id: str, condition: Callable[[Machine], bool]) -> Machine:
        def look() -> Machine | None:
            machine = self.driver.get(machine_id)
            return machine if condition(machine) else None

        found = until(look, f"server {machine_id}")
        assert found is not None
        return found

    def end_of(self, machine_id: str, started: ActionState) -> ActionState:
        """An action, followed to its end."""

        def look() -> ActionState | None:
            state = self.driver.action(machine_id, started.id)
            return None if state.state == "running" else state

        found = until(look, f"action {started.id}")
        assert found is not None
        return found

    def ended(self, machine_id: str, action: PowerAction) -> ActionState:
        """A power action, followed to its end."""
        return self.end_of(machine_id, self.driver.power(machine_id, action))

    def strike(self, fault: str, call: Call, **details: Any) -> None:
        """A fault for the next call of a kind."""
        method, path = self.case.call(call)
        self.emulator.fault(fault, method, path, **details)

    def firewall(self, machine: Machine, name: str, allowed: Sequence[Allowed]) -> str:
        """The id of one that lets this in, before no server yet."""
        made = self.driver.firewalls.make(machine.id, name, allowed)
        self.driver.firewalls.set_rules(made, allowed)
        return made

    def path(self, machine: Machine) -> str:
        """Where the API has this server."""
        return f"{self.case.servers}/{machine.id}"

    def grown(self, machine_id: str, plan: str) -> ActionState:
        """A larger plan, followed to its end; where it comes in stages it is paid, applied and kept."""
        started = self.driver.resize(machine_id, plan, grow_disk=True)
        if self.can("resize_in_stages"):
            assert isinstance(self.driver, PaidResize)
            assert started.state == "unpaid"
            self.emulator.set("pay", serviceid=machine_id)
            applied = self.end_of(machine_id, self.driver.continue_resize(machine_id, started.id))
            assert applied.state == "unconfirmed"
            started = self.driver.settle_resize(machine_id, keep=True)
        return self.end_of(machine_id, started)

    def fill(self, count: int, kind: str = "servers") -> None:
        """Many servers named bulk-0 and on (or ``keys`` named key-0 and on), without the API's help."""
        self.emulator.set("fill", count=count, kind=kind)


@pytest.fixture(scope="session")
def drift_emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Case], Emulator]]:
    """Those that answer as the live services do, beyond their documents; one a provider."""
    made: dict[str, Emulator] = {}

    def of(case: Case) -> Emulator:
        if case.kind not in made:
            made[case.kind] = Emulator(tmp_path_factory.mktemp(f"drift-{case.kind}"), kind=case.kind, mode="drift")
        return made[case.kind]

    yield of
    for emulator in made.values():
        emulator.close()


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls a second, as we keep to with Hostwinds, would make hours of these tests."""
    monkeypatch.setattr(hostwinds_wire, "PER_MINUTE", 60_000)


@pytest.fixture(params=all_modes(*CASES), ids=mode_name)
def cloud(request: pytest.FixtureRequest, drift_emulators: Callable[[Case], Emulator]) -> Iterator[Cloud]:
    """In *document* mode every exchange goes through prism where there is an official document, and not one may
    violate it. In mode *interfaces* new servers have the newer of two kinds, and all else is as live.
    """
    case, mode = request.param
    if mode == "interfaces":
        yield from _open(case, drift_emulators(case), mode, None)
        return
    if mode == "drift":
        yield from _open(case, drift_emulators(case), "drift", None)
        return
    prisms: Prisms = request.getfixturevalue("prisms")
    if not case.document:
        yield from _open(case, prisms.emulator(case.kind), "document", None)
        return
    exchanges: Exchanges = request.getfixturevalue("exchanges")
    yield from _open(case, prisms.emulator(case.kind), "document", prisms.before(case.kind, case.document).url)
    assert exchanges.violations == []


@pytest.fixture(params=CASES, ids=lambda case: case.kind)
def plain_cloud(request: pytest.FixtureRequest, drift_emulators: Callable[[Case], Emulator]) -> Iterator[Cloud]:
    """For trouble on the wire: nothing stands between the driver and the emulator."""
    yield from _open(request.param, drift_emulators(request.param), "drift", None)


def newer_interfaces(emulator: Emulator) -> None:
    """New servers of this Linode account have interfaces that firewalls stand before, each by itself."""
    with emulator.client() as client:
        wanted = {"interfaces_for_new_linodes": "linode_default_but_legacy_config_allowed"}
        assert client.put("/v4/account/settings", json=wanted).status_code == 200


def _open(case: Case, emulator: Emulator, mode: str, url: str | None) -> Iterator[Cloud]:
    emulator.reset()
    if mode == "interfaces":
        newer_interfaces(emulator)
    driver = known_providers().open(case.kind, Secret(emulator.token), endpoint_url=url or emulator.url)
    yield Cloud(case, driver, emulator, mode, url or emulator.url)
    driver.close()


@pytest.fixture
def pseudo() -> Iterator[None]:
    """In the pseudo-locale, where each word that was translated is marked."""
    activate(PSEUDO)
    yield
    activate("en")
