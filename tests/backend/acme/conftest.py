"""Two authorities for the module, each with all that it looks at, and accounts there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from backend.acme.authorities import Authority
from backend.acme.client import AcmeClient, Binding
from backend.acme.keys import new_account_key
from backend.acme.proving import Pace
from backend.core.secrets.values import Secret
from tests.backend.acme.between import Between
from tests.backend.acme.pebble import Kind, Pebble
from tests.backend.acme.world import Dns, DnsSolver, Front, FrontSolver, Waiting, serving
from tests.backend.authrecords.name_server import LoopbackServer

MAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
BINDING = Binding("kid-1", Secret(MAC_KEY))
PACE = Pace(every_s=0.02, shown_s=60.0, decided_s=60.0)

NewClient = Callable[..., AcmeClient]


@pytest.fixture(scope="session")
def name_server() -> Iterator[LoopbackServer]:
    with LoopbackServer({}) as server:
        yield server


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    front = Front(tmp_path_factory.mktemp("front"))
    with serving(front.plain, front.tls):
        yield front


@pytest.fixture(scope="session")
def pebble(tmp_path_factory: pytest.TempPathFactory, name_server: LoopbackServer, front: Front) -> Iterator[Pebble]:
    """Certificates of 90 days, three nonces of twenty refused."""
    running = Pebble(tmp_path_factory.mktemp("pebble"), name_server.address, front.port, Kind(refused_nonces=15))
    yield running
    running.close()


@pytest.fixture(scope="session")
def hard_pebble(
    tmp_path_factory: pytest.TempPathFactory, name_server: LoopbackServer, front: Front
) -> Iterator[Pebble]:
    """Certificates of 6 days for customers alone; six nonces of ten refused, and pauses asked for between two looks."""
    kind = Kind(6 * 86_400, refused_nonces=60, retry_after_s=1, binding={BINDING.key_id: MAC_KEY})
    running = Pebble(tmp_path_factory.mktemp("hard"), name_server.address, front.port, kind)
    yield running
    running.close()


@pytest.fixture
def between(pebble: Pebble) -> Iterator[Between]:
    between = Between(pebble)
    with serving(between.server):
        yield between
    between.close()


@pytest.fixture
def dns(name_server: LoopbackServer) -> Dns:
    return Dns(name_server)


@pytest.fixture
def solver(dns: Dns) -> DnsSolver:
    return DnsSolver(dns)


@pytest.fixture
def front_solver(front: Front, dns: Dns) -> FrontSolver:
    return FrontSolver(front, dns)


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


@pytest.fixture
def new_client() -> Iterator[NewClient]:
    """Clients with a key of their own; closed with the test."""
    opened: list[AcmeClient] = []

    def make(authority: Authority, key: Secret | None = None) -> AcmeClient:
        opened.append(AcmeClient(authority, key or new_account_key()))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def client(pebble: Pebble, new_client: NewClient) -> AcmeClient:
    """One with an account at the first authority."""
    client = new_client(pebble.authority)
    client.open_account(agrees_to_terms=True)
    return client


@pytest.fixture
def through(between: Between, new_client: NewClient) -> AcmeClient:
    """The same with something in between."""
    client = new_client(between.authority)
    client.open_account(agrees_to_terms=True)
    return client


_numbers = count(1)


@pytest.fixture
def name() -> str:
    """One that no other test of this run asks for: what was proved once stays proved."""
    return f"mx{next(_numbers)}.mailyard.test"
