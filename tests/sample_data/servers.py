"""Workspaces, an account with its catalogue, servers in every state, and two hours of samples of each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

from backend.accounts.offers import keep_offers
from backend.bootstrap import Installation
from backend.core.checks import Verdict
from backend.core.present.message import Message
from backend.core.present.text import _
from backend.demo.digitalocean.catalogue import Catalogue as EmulatedCatalogue
from backend.demo.emulator.state import State
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.metrics import SERVER_METRICS, server_series
from backend.fleet.verdicts import record_verdict
from backend.providers.digitalocean import parsing
from backend.providers.ports import Catalogue
from backend.store.schema.fleet import Account, Address, Server, ServerEvent, ServerUse, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from backend.store.series_key import SeriesKey

ACCOUNT = uuid5(NAMESPACE_DNS, "account")
CLIENTS = ("Acme Dental", "Bluebird Books", "Cedar Legal", "Delta Roofing", "Elm Street", "Fable Press")
UNUSED = "Granite Cafe"  # a client without servers
SAMPLE_S = 300
PLANS = (("s-1vcpu-2gb", 1, 2048, 50, 12_000_000), ("s-2vcpu-4gb", 2, 4096, 80, 24_000_000))


@dataclass(frozen=True)
class Look:
    """How a server of the fleet stands: what makes rows differ."""

    life: str = "active"
    power: str = "on"
    health: str = "ok"
    note: str = ""
    limit: int = 0
    is_ours: bool = True
    cpu: float = 30.0
    memory: float = 55.0
    disk: float = 42.0
    is_observed: bool = True


LOOKS = (
    Look(health="critical", note="disk over {limit} %", limit=90, disk=91.4, cpu=44),
    Look(health="warning", note="CPU over {limit} %", limit=80, cpu=88),
    Look(health="inconclusive", note="this computer's network is down or could not be verified", is_observed=False),
    Look(power="off", health="unknown", is_observed=False),
    Look(life="provisioning", power="unknown", health="unknown", is_observed=False),
    Look(is_ours=False, health="unknown", is_observed=False),
)


def server_id(number: int) -> UUID:
    """The id of the fleet's n-th server."""
    return uuid5(NAMESPACE_DNS, f"server-{number}")


def client_id(name: str) -> UUID:
    """The id of a client's workspace."""
    return uuid5(NAMESPACE_DNS, name)


def server_name(number: int) -> str:
    """The n-th server's full host name, at the client that uses it."""
    domain = CLIENTS[number % len(CLIENTS)].lower().replace(" ", "-")
    return f"mx{number + 1}.{domain}.example"


def add_fleet(installation: Installation, count: int = 44, *, samples: int = 25) -> None:
    """Write ``count`` servers; the first few stand in every state there is, the rest are well."""
    now = installation.clock.now()
    with installation.store.write(ENGINE_SCOPE) as session:
        _add_agency(session, now)
    with installation.store.write(ENGINE_SCOPE) as session:
        for number in range(count):
            _add_server(session, number, now)
    batch = [sample for number in range(count) for sample in _samples(number, now, samples)]
    installation.metrics.add_many(ENGINE_SCOPE, batch)


def add_day_and_live(installation: Installation, number: int) -> None:
    """A day of samples and five live minutes of one server, each with a gap in which nothing was observed."""
    key, end = server_series(server_id(number)), int(installation.clock.now().timestamp())
    for at in range(300):
        if not 100 <= at < 122:
            installation.metrics.add_live(ENGINE_SCOPE, key, end - 300 + at, _values(look_of(number), at / 9))
    day = [
        (key, end - 86_400 + at * SAMPLE_S, _values(look_of(number), at / 5)) for at in range(264) if not 90 <= at < 101
    ]
    installation.metrics.add_many(ENGINE_SCOPE, day)


def add_quarter(installation: Installation, number: int) -> None:
    """Ninety days of samples of one server up to yesterday; on five of them it refused our key."""
    key, now = server_series(server_id(number)), installation.clock.now()
    end = int(now.timestamp()) - 86_400
    silent = range(end - 48 * 86_400, end - 43 * 86_400)
    moments = [at for at in range(end - 89 * 86_400, end, SAMPLE_S) if at not in silent]
    batch = [
        (key, at, _values(look_of(number), at / 86_400) | {"disk": 30 + (at - moments[0]) / 2e5}) for at in moments
    ]
    installation.metrics.add_many(ENGINE_SCOPE, batch)
    refused = _("{address} refused the login.").format(address=_address_of(number))
    with installation.store.write(ENGINE_SCOPE) as session:
        for verdict, at in (
            (Verdict("inconclusive", Message.said(refused)), silent.start + 60),
            (Verdict("warning", Message("CPU over {limit} %", {"limit": 80})), silent.stop),
        ):
            subject, moment = server_subject(server_id(number)), datetime.fromtimestamp(at, UTC)
            record_verdict(session, subject, SERVER_SAMPLE, verdict, moment)
    installation.metrics.compact(ENGINE_SCOPE, now, (SERVER_METRICS,))


def _address_of(number: int) -> str:
    return f"203.0.113.{number % 250 + 1}"


def look_of(number: int) -> Look:
    """The state of the n-th server."""
    if number < len(LOOKS):
        return LOOKS[number]
    return Look(cpu=14 + number * 7 % 25, memory=41 + number * 5 % 28, disk=29 + number * 3 % 35)


def offered() -> Catalogue:
    """What the emulated DigitalOcean has on offer, as the driver reads it."""
    with TemporaryDirectory() as folder:
        state = State(Path(folder))
        shown = EmulatedCatalogue(state)
        regions, plans = map(parsing.region, shown.regions()), map(parsing.plan, shown.sizes())
        images = map(parsing.image, shown.images())
        found = Catalogue(tuple(regions), tuple(plans), tuple(images), "DigitalOcean API v2")
        state.close()
    return found


def _add_agency(session: ScopedSession, now: datetime) -> None:
    account = Account(tenant_id=AGENCY, id=ACCOUNT, provider="digitalocean", name="Main", secret_ref="api_keys/none")
    account.state, account.created_at, account.verified_at, account.checked_at = "verified", now, now, now
    account.holder = "operations@agency.example"
    session.add(account)
    for name in (*CLIENTS, UNUSED):
        session.add(Workspace(tenant_id=client_id(name), name=name, kind="client", created_at=now))
    session.flush()
    keep_offers(session, ACCOUNT, offered(), now)


def _add_server(session: ScopedSession, number: int, now: datetime) -> None:
    look, (plan, vcpus, memory, disk, price) = look_of(number), PLANS[number % 2]
    server = Server(tenant_id=AGENCY, id=server_id(number), account_id=ACCOUNT, name=server_name(number))
    server.provider_id, server.region, server.plan, server.image = str(number), "fra1", plan, "debian-12-x64"
    server.vcpus, server.memory_mb, server.disk_gb = vcpus, memory, disk
    server.life, server.power, server.health, server.health_note = look.life, look.power, look.health, look.note
    server.health_values = {"limit": look.limit} if look.limit else None
    server.is_ours, server.monthly_micro, server.currency = look.is_ours, price, "USD"
    server.address = None if look.life == "provisioning" else _address_of(number)
    server.host_key = "ssh-ed25519 AAAA" if look.is_ours and look.life == "active" else None
    server.ssh_key_ref = "vps/none" if server.host_key else None
    server.created_at = server.seen_at = now - timedelta(days=30)
    server.sampled_at = now if look.is_observed else None
    session.add(server)
    session.flush()
    _add_history(session, server, number, now)


def _add_history(session: ScopedSession, server: Server, number: int, now: datetime) -> None:
    since = now - timedelta(days=30)
    client = client_id(CLIENTS[number % len(CLIENTS)])
    session.add(ServerUse(tenant_id=client, id=uuid4(), server_tenant_id=AGENCY, server_id=server.id, since=since))
    if server.address:
        for ip, family in ((server.address, 4), (f"2001:db8::{number + 1:x}", 6)):
            row = Address(tenant_id=AGENCY, id=uuid4(), server_id=server.id, ip=ip, family=family, kind="public")
            row.since, row.ptr = since, server.name if family == 4 else None
            session.add(row)
    for hours, kind, text in (
        (720, "ordered", _("Ordered by {author}").format(author="operator")),
        (719, "ready", _("Verified and ready")),
        (30, "drift", _("Power changed outside Mailyard: {power}").format(power="on")),
    ):
        event = ServerEvent(tenant_id=AGENCY, id=uuid4(), server_id=server.id, kind=kind, text=text)
        event.at = now - timedelta(hours=hours)
        session.add(event)


def _samples(number: int, now: datetime, count: int) -> Iterator[tuple[SeriesKey, int, dict[str, float]]]:
    look = look_of(number)
    if not look.is_observed:
        return
    end = int(now.timestamp())
    for at in range(count):
        values = _values(look, at + number) | ({"cpu": look.cpu} if at == count - 1 else {})
        yield server_series(server_id(number)), end - (count - 1 - at) * SAMPLE_S, values


def _values(look: Look, at: float) -> dict[str, float]:
    """What one moment shows: the server's usual figures with a swing."""
    swing = math.sin(at * 0.9) * math.cos(at * 0.31)
    return {
        "cpu": max(0.0, look.cpu + 6 * swing),
        "memory": look.memory + 3 * swing,
        "disk": look.disk,
        "inodes": 12.0,
        "network_in": 40_000 + 9_000 * swing,
        "network_out": 61_000 + 12_000 * swing,
        "load": 0.4 + 0.2 * swing,
        "processes": 92.0,
    }
