"""The emulator that a module is about, by its marker ``emulates(kind, **limits)``: limits that tests do not reach,
and ``mode`` where it is not the official document's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.backend.demo.machines import Machines
from tests.emulators.process import Emulator
from tests.prism.plugin import Prisms


@dataclass(frozen=True)
class Emulated:
    """What the marker says; tests look more often than anybody may."""

    kind: str
    mode: str
    limits: Mapping[str, int]


@pytest.fixture(scope="module")
def emulated(request: pytest.FixtureRequest) -> Emulated:
    marker = request.node.get_closest_marker("emulates")
    assert marker is not None, f"{request.node.name} does not say what it emulates"
    limits = dict(marker.kwargs)
    return Emulated(str(marker.args[0]), limits.pop("mode", "document"), limits)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """In place of the lab's."""
    made = Machines(tmp_path / "machines")
    yield made
    made.close()


@pytest.fixture(scope="module")
def running(emulated: Emulated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One for the whole module."""
    emulator = Emulator(tmp_path_factory.mktemp(emulated.kind), kind=emulated.kind, mode=emulated.mode)
    yield emulator
    emulator.close()


@pytest.fixture
def eased(emulated: Emulated, running: Emulator) -> Emulator:
    """The module's, as new."""
    running.reset()
    running.set("limits", **emulated.limits)
    return running


@pytest.fixture
def api(eased: Emulator) -> Iterator[httpx.Client]:
    with eased.client() as client:
        yield client


@pytest.fixture
def document(emulated: Emulated, prisms: Prisms) -> Iterator[httpx.Client]:
    """A client whose every exchange is checked."""
    kind = emulated.kind
    emulator = prisms.emulator(kind)
    emulator.reset()
    emulator.set("limits", **emulated.limits)
    headers = {"Authorization": f"Bearer {emulator.token}"}
    with httpx.Client(base_url=prisms.before(kind, f"{kind}.json").url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def own(emulated: Emulated, new_emulator: Callable[..., Emulator], machines: Machines) -> Emulator:
    """One with machines behind it, for tests that kill it."""
    machines.may_answer.set()
    emulator = new_emulator(kind=emulated.kind, machines=machines.path)
    emulator.set("limits", **emulated.limits)
    return emulator


@pytest.fixture
def start_anew(emulated: Emulated, own: Emulator, machines: Machines) -> Callable[[], None]:
    """Kills the test's own, and starts it with machines that answer again."""

    def start() -> None:
        own.kill()
        machines.may_answer.set()
        own.start()
        own.set("limits", **emulated.limits)

    return start
