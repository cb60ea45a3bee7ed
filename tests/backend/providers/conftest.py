"""A driver at an emulated DigitalOcean, in both of its modes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID, uuid4

import pytest

from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.providers.digitalocean.driver import DigitalOcean
from backend.providers.ports import OUR_TAG, ActionState, Machine, Order, PowerAction, intent_tag
from tests.emulators.process import Emulator
from tests.installation import until
from tests.prism.plugin import Exchanges, Prism


@dataclass(frozen=True)
class Cloud:
    """An emulated account, and the driver at work on it."""

    driver: DigitalOcean
    emulator: Emulator
    mode: str
    url: str

    def order(self, intent: UUID | None = None, changes: Mapping[str, str] = MappingProxyType({})) -> Order:
        """An order with a freshly registered key."""
        wanted = {"name": "mx1.example.net", "region": "fra1", "plan": "s-1vcpu-2gb", "image": "debian-12-x64"}
        tags = (OUR_TAG, *([intent_tag(intent)] if intent else []))
        key_id = self.driver.register_key(f"key-{uuid4()}", new_key_pair().public)
        return Order(**{**wanted, **changes}, key_id=key_id, user_data=Secret("#cloud-config\n{}\n"), tags=tags)

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

    def ended(self, machine_id: str, action: PowerAction) -> ActionState:
        """A power action, followed to its end."""
        started = self.driver.power(machine_id, action)

        def look() -> ActionState | None:
            state = self.driver.action(machine_id, started.id)
            return None if state.state == "running" else state

        found = until(look, f"action {started.id}")
        assert found is not None
        return found

    def fill(self, count: int) -> None:
        """Many servers in one go, ten an order."""
        self.emulator.set("quota", droplets=count + 10)
        body = {"region": "fra1", "size": "s-1vcpu-1gb", "image": "debian-12-x64", "tags": ["bulk"]}
        with self.emulator.client() as client:
            for start in range(0, count, 10):
                names = [f"bulk-{number}" for number in range(start, min(start + 10, count))]
                assert client.post("/v2/droplets", json={**body, "names": names}).status_code == 202


@pytest.fixture(scope="session")
def drift_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One that answers as the live service does, beyond its document."""
    emulator = Emulator(tmp_path_factory.mktemp("drift"), mode="drift")
    yield emulator
    emulator.close()


@pytest.fixture(params=["document", "drift"])
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """In *document* mode every exchange goes through prism, and not one may violate the document."""
    if request.param == "drift":
        yield from _open(request.getfixturevalue("drift_emulator"), "drift", None)
        return
    prism: Prism = request.getfixturevalue("prism")
    exchanges: Exchanges = request.getfixturevalue("exchanges")
    yield from _open(request.getfixturevalue("document_emulator"), "document", prism.url)
    assert exchanges.violations == []


@pytest.fixture
def plain_cloud(drift_emulator: Emulator) -> Iterator[Cloud]:
    """For trouble on the wire: nothing stands between the driver and the emulator."""
    yield from _open(drift_emulator, "drift", None)


def _open(emulator: Emulator, mode: str, url: str | None) -> Iterator[Cloud]:
    emulator.reset()
    driver = DigitalOcean(Secret(emulator.token), endpoint_url=url or emulator.url)
    yield Cloud(driver, emulator, mode, url or emulator.url)
    driver.close()
