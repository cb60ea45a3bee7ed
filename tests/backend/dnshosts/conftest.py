"""The hosts that the contract is proven at, and a zone of each to work in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest

from backend.core.rest.throttle import Throttle
from backend.core.secrets.values import Secret
from backend.dnshosts.cloudflare.driver import Cloudflare
from backend.dnshosts.digitalocean.driver import DigitalOceanDns
from backend.dnshosts.hetzner.driver import Hetzner
from backend.dnshosts.linode.driver import LinodeDns
from backend.dnshosts.ports import DnsHost, Zone
from backend.dnshosts.records import SetChange, by_set
from backend.dnshosts.route53.driver import Route53
from backend.dnshosts.vultr.driver import VultrDns
from tests.backend.dnshosts.bind import ZONES, Bind, running_bind
from tests.ec2.client import client
from tests.emulators.process import SPEEDS, Emulator
from tests.prism.plugin import Exchanges, Prisms

Host = TypeVar("Host", bound=DnsHost)

DOCUMENT = "-document"
#: Of the hosts that count calls, for tests that are not about it.
OFTEN = 100_000
#: The limits of those that take a call for each record.
UNCOUNTED = {
    "digitalocean": {"per_minute": OFTEN, "per_hour": OFTEN},
    "linode": {"lists": OFTEN, "others": OFTEN},
    "vultr": {"per_second": OFTEN},
}


def brisk_hetzner(token: Secret, *, endpoint_url: str | None = None) -> Hetzner:
    """One that waits as much shorter as the emulator is faster."""

    def pause(seconds: float) -> None:
        time.sleep(seconds / SPEEDS["hetzner"])  # house: sleeps, it is the pause of who asks and not of a test

    return Hetzner(token, endpoint_url=endpoint_url, pause=pause)


def uncounted(host: Callable[..., Host]) -> Callable[..., Host]:
    """One that does not count its calls; each waits by itself."""

    def made(token: Secret, *, endpoint_url: str | None = None) -> Host:
        return host(token, endpoint_url=endpoint_url, throttle=Throttle(per_minute=OFTEN, burst=OFTEN))

    return made


brisk_digitalocean, brisk_linode = uncounted(DigitalOceanDns), uncounted(LinodeDns)
brisk_vultr = uncounted(VultrDns)

#: Once as live, and once with prism between: each exchange is as the official document, told here, has it.
APIS: dict[str, tuple[Callable[..., DnsHost], str]] = {
    "cloudflare": (Cloudflare, "cloudflare.json"),
    "hetzner": (brisk_hetzner, "hcloud.json"),
    "digitalocean": (brisk_digitalocean, "digitalocean.json"),
    "vultr": (brisk_vultr, "vultr.json"),
    "linode": (brisk_linode, "linode.json"),
}
HOSTS = ("bind", "route53", *(f"{kind}{way}" for kind in APIS for way in ("", DOCUMENT)))


@pytest.fixture(scope="session")
def bind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bind]:
    with running_bind(tmp_path_factory.mktemp("bind")) as running:
        yield running


class Running:
    """One emulator of each kind, started when first asked for."""

    def __init__(self, new_folder: Callable[[str], Path]) -> None:
        self._new_folder = new_folder
        self._running: dict[str, Emulator] = {}

    def emulator(self, kind: str) -> Emulator:
        """As new, with empty zones."""
        if kind not in self._running:
            self._running[kind] = Emulator(self._new_folder(kind), kind=kind, mode="drift")
        return filled(self._running[kind])

    def close(self) -> None:
        for each in self._running.values():
            each.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp)
    yield made
    made.close()


@pytest.fixture
def cloudflare(running: Running) -> Emulator:
    return running.emulator("cloudflare")


@pytest.fixture
def hetzner(running: Running) -> Emulator:
    return running.emulator("hetzner")


@pytest.fixture
def digitalocean(running: Running) -> Emulator:
    return running.emulator("digitalocean")


@pytest.fixture
def vultr(running: Running) -> Emulator:
    return running.emulator("vultr")


@pytest.fixture
def linode(running: Running) -> Emulator:
    return running.emulator("linode")


@pytest.fixture(scope="session")
def running_route53(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("route53"), kind="route53")
    yield emulator
    emulator.close()


@pytest.fixture(scope="session")
def running_route53_host(running_route53: Emulator) -> Iterator[Route53]:
    """One for all: Amazon's library takes its time to make a client, and nothing is kept between calls."""
    yield from opened_route53(running_route53)


@pytest.fixture
def route53(running_route53: Emulator) -> Emulator:
    """As new, with empty zones, and in no hurry."""
    emulator = filled(running_route53)
    emulator.set("limits", per_second=OFTEN)
    return emulator


@pytest.fixture
def amazon(route53: Emulator) -> Iterator[Any]:
    """Route 53 as somebody else calls it."""
    with closing(client(route53, "route53")) as made:
        yield made


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> Iterator[DnsHost]:
    kind = str(request.param).removesuffix(DOCUMENT)
    if kind == "bind":
        bind: Bind = request.getfixturevalue("bind")
        yield bind.host()
    elif kind == "route53":
        request.getfixturevalue("route53")
        yield request.getfixturevalue("running_route53_host")
    elif kind == request.param:
        running: Running = request.getfixturevalue("running")
        emulator = running.emulator(kind)
        yield from opened(APIS[kind][0], emulator, emulator.url)
    else:
        prisms: Prisms = request.getfixturevalue("prisms")
        exchanges: Exchanges = request.getfixturevalue("exchanges")
        open_host, document = APIS[kind]
        emulator = filled(prisms.emulator(kind))
        yield from opened(open_host, emulator, prisms.before(kind, document).url)
        assert exchanges.seen > 0
        assert exchanges.violations == []


@pytest.fixture
def zone(host: DnsHost) -> Iterator[Zone]:
    """An empty one: its name server alone is in it, then and afterwards."""
    zone = host.zone(ZONES[0])
    before = by_set(host.records(zone))
    yield zone
    now = by_set(host.records(zone))
    keys = [key for key in {**before, **now} if before.get(key, ()) != now.get(key, ())]
    host.change(zone, [SetChange(*key, now.get(key, ()), before.get(key, ())) for key in keys])


def filled(emulator: Emulator) -> Emulator:
    """As new, with the zones that all hosts have."""
    emulator.reset()
    for name in ZONES:
        emulator.set("zone", name=name)
    if limits := UNCOUNTED.get(emulator.kind):
        emulator.set("limits", **limits)
    return emulator


def opened(open_host: Callable[..., Host], emulator: Emulator, url: str, token: str = "") -> Iterator[Host]:
    host = open_host(Secret(token or emulator.token), endpoint_url=url)
    yield host
    host.close()


def opened_route53(emulator: Emulator, token: str = "") -> Iterator[Route53]:
    throttle = Throttle(per_minute=OFTEN, burst=OFTEN)
    host = Route53(Secret(token or emulator.token), endpoint_url=emulator.url, throttle=throttle)
    yield host
    host.close()
