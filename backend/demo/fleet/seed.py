"""Writes the demo's past: servers at both clouds as they were made ninety days ago, known here, observed since.

What can come about by itself does: rows of servers are written by the comparison that reads any account, and the
troubles that are jobs are wishes, which the engine takes when it starts.
"""

from __future__ import annotations

import base64
import json
import secrets as random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import httpx
from sqlalchemy import select

from backend.accounts.offers import keep_offers
from backend.core.errors import ProviderUnavailable
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef, new_ref
from backend.core.ssh.keys import KeyPair, new_key_pair
from backend.demo.fleet.members import CLIENTS, DAYS, OUTGROWN, UNKEPT, Member, members
from backend.demo.fleet.past import observe_today
from backend.engine.wishes import Wish, write_wish
from backend.fleet.history import note_event
from backend.inventory.jobs import compare
from backend.providers.ports import OUR_TAG, intent_tag
from backend.store.schema.fleet import Account, Offer, Server, ServerInterval, ServerUse, Workspace
from backend.store.schema.observations import Check
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.demo.fleet.ground import Ground
    from backend.providers.ports import Machine

AUTHOR = "demo"
NAMES = {"digitalocean": "DigitalOcean (demo)", "linode": "Linode (demo)"}
TOKEN_ENDS = timedelta(days=6)
CONTROL_S = 30.0
PRICE_ROSE_MICRO = 3_000_000
#: Plans one size up, in each cloud's words.
LARGER = {"s-1vcpu-2gb": "s-2vcpu-4gb", "s-2vcpu-4gb": "s-4vcpu-8gb", "g6-standard-1": "g6-standard-2"}


def write_demo(ground: Ground, clouds: Mapping[str, str]) -> None:
    """All but the samples of the days before today, which take longest (:func:`backend.demo.fleet.past.observe_past`).

    Into a store that is prepared and empty; ``clouds`` are URLs by kind.

    :raises MailyardError: a cloud does not answer.
    """
    now = ground.clock.now()
    since = now.replace(hour=8, minute=15, second=0, microsecond=0) - timedelta(days=DAYS)
    people = {member.name: _Made(member, new_key_pair(), new_key_pair()) for member in members()}
    with ThreadPoolExecutor(len(clouds)) as pool:
        found = dict(pool.map(lambda kind: (kind, _furnish(kind, clouds[kind], people, since)), clouds))
    with ground.store.write(ENGINE_SCOPE) as session:
        for client in CLIENTS:
            session.add(Workspace(tenant_id=client_id(client), name=client, kind="client", created_at=since))
    for kind, token in found.items():
        _open_account(ground, kind, clouds[kind], token, since)
    with ground.store.write(ENGINE_SCOPE) as session:
        servers = {row.name: row for row in session.scalars(select(Server)) if row.name in people}
        for name, row in servers.items():
            _make_ours(session, ground, row, people[name], since)
        ids = {name: row.id for name, row in servers.items()}
    observe_today(ground, {ids[name]: made.member for name, made in people.items()}, since, now)
    with ground.store.write(ENGINE_SCOPE) as session:
        for wish in _troubles(session, ids):
            write_wish(session, wish, now)


def reach_again(ground: Ground, clouds: Mapping[str, str]) -> None:
    """The clouds listen elsewhere since they were started anew, and the token that ends soon still does."""
    with ground.store.write(ENGINE_SCOPE) as session:
        for kind, url in clouds.items():
            account = session.get(Account, (AGENCY, account_id_of(kind)))
            if account is not None and account.removed_at is None:
                account.endpoint_url = url
                if account.token_ends_at is not None:
                    token = ground.secrets.read(SecretRef(account.secret_ref))
                    account.token_ends_at = _admit(kind, url, token)


def client_id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mailyard:demo:{name}")


class _Made:
    """A member with its keys: ``login`` is ours, ``host`` the machine's."""

    def __init__(self, member: Member, login: KeyPair, host: KeyPair) -> None:
        self.member = member
        self.login = login
        self.host = host

    def user_data(self) -> str:
        user = {"name": "root", "ssh_authorized_keys": [f"{self.login.public} mailyard"]}
        config = {"ssh_keys": {"ed25519_private": self.host.private.reveal()}, "users": [user]}
        return f"#cloud-config\n{json.dumps(config)}\n"


def _furnish(kind: str, url: str, people: Mapping[str, _Made], since: datetime) -> Secret:
    """A token for the account, and its servers."""
    token = Secret(random.token_urlsafe(24))
    _admit(kind, url, token)
    orders = [
        {
            "order": ORDERS[kind](made),
            "machine": {
                "booted": since.timestamp(),
                "rhythm": {"since": since.timestamp(), **made.member.habits},
                "is_silent": made.member.silent_for_s > 0,
            },
        }
        for made in people.values()
        if made.member.place.cloud == kind
    ]
    stamp = since.strftime("%Y-%m-%dT%H:%M:%SZ" if kind == "digitalocean" else "%Y-%m-%dT%H:%M:%S")
    _control(url, "stand", {"since": stamp, "servers": orders})
    if people[UNKEPT].member.place.cloud == kind:
        _control(url, "errored", {"type": "snapshot"})
    return token


def _admit(kind: str, url: str, token: Secret) -> datetime | None:
    """Have a cloud take the token; when it ends, where that cloud lets tokens end."""
    ends = datetime.now(UTC).replace(microsecond=0) + TOKEN_ENDS if kind == "linode" else None
    expiry = ends.strftime("%Y-%m-%dT%H:%M:%S") if ends else None
    scopes = "*" if kind == "linode" else ["read", "write"]
    _control(url, "tokens", {"token": token.reveal(), "expiry": expiry, "scopes": scopes})
    return ends


def _control(url: str, control: str, body: Mapping[str, Any]) -> None:
    """:raises MailyardError: the cloud does not answer."""
    try:
        answer = httpx.post(f"{url}/__emulator/{control}", json=dict(body), timeout=CONTROL_S, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise ProviderUnavailable(_("The demo's clouds do not answer."), detail=type(error).__name__) from error


def _droplet(made: _Made) -> dict[str, Any]:
    place = made.member.place
    return {
        "name": made.member.name,
        "region": place.region,
        "size": place.plan,
        "image": place.image,
        "user_data": made.user_data(),
        "tags": [OUR_TAG, intent_tag(uuid4())],
        "ipv6": True,
    }


def _linode(made: _Made) -> dict[str, Any]:
    place = made.member.place
    return {
        "label": made.member.name,
        "region": place.region,
        "type": place.plan,
        "image": place.image,
        "root_pass": random.token_urlsafe(24),
        "authorized_keys": [made.login.public],
        "metadata": {"user_data": base64.b64encode(made.user_data().encode()).decode()},
        "tags": [OUR_TAG, intent_tag(uuid4()).replace("-", "")],
    }


ORDERS = {"digitalocean": _droplet, "linode": _linode}


def _open_account(ground: Ground, kind: str, url: str, token: Secret, since: datetime) -> None:
    """Verified and read as any account is; its servers come with it."""
    ref, now, account_id = new_ref("api_keys", AGENCY), ground.clock.now(), account_id_of(kind)
    ground.secrets.keep(ref, token)
    provider = ground.providers.open(kind, token, endpoint_url=url)
    try:
        standing, catalogue = provider.verify(), provider.catalogue()
        machines: Sequence[Machine] = provider.machines()
    finally:
        provider.close()
    account = Account(tenant_id=AGENCY, id=account_id, provider=kind, name=NAMES[kind], secret_ref=ref.path)
    account.endpoint_url, account.state, account.created_at = url, "verified", since
    account.note, account.holder, account.scopes = standing.note, standing.holder, list(standing.scopes)
    account.can_write, account.token_ends_at = standing.can_write, standing.expires_at
    account.verified_at = account.looked_at = now
    with ground.store.write(ENGINE_SCOPE) as session:
        session.add(account)
        session.flush()
        keep_offers(session, account_id, catalogue, now)
        compare(session, account_id, {machine.id: machine for machine in machines}, now)


def account_id_of(kind: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mailyard:demo:account:{kind}")


def _make_ours(session: ScopedSession, ground: Ground, server: Server, made: _Made, since: datetime) -> None:
    """As it stands after provisioning: entered by our key, its host key pinned, used by a client."""
    ref = new_ref("vps", AGENCY)
    ground.secrets.keep(ref, made.login.private)
    server.is_ours, server.host_key, server.ssh_key_ref = True, made.host.public, ref.path
    server.created_at, server.first_contact, now = since, "handed_over", ground.clock.now()
    server.sampled_at = now - timedelta(seconds=made.member.silent_for_s)
    is_silent = made.member.silent_for_s > 0
    server.health = "critical" if is_silent else "ok"
    server.health_note = _("{address} does not answer over SSH.").format(address=server.address) if is_silent else ""
    check = Check(tenant_id=AGENCY, id=uuid4(), subject_id=server.id, kind="sample", verdict=server.health)
    check.why, check.since, check.observed_at = server.health_note, server.sampled_at, now
    session.add(check)
    for interval in session.scalars(select(ServerInterval).where(ServerInterval.server_id == server.id)):
        interval.since = since
    use = ServerUse(tenant_id=client_id(made.member.client), id=uuid4(), server_tenant_id=AGENCY, server_id=server.id)
    use.since = since
    session.add(use)
    note_event(session, server.id, since, "ordered", _("Ordered by {author}").format(author=AUTHOR))
    note_event(session, server.id, since + timedelta(minutes=2), "ready", _("Proved itself and is ready"))


def _troubles(session: ScopedSession, ids: Mapping[str, UUID]) -> Sequence[Wish]:
    """A snapshot that the cloud fails once, and a larger plan wished for at a price that went up."""
    outgrown = session.get_one(Server, (AGENCY, ids[OUTGROWN]))
    larger = LARGER[outgrown.plan]
    offer = session.get_one(Offer, (AGENCY, outgrown.account_id, "plan", larger))
    seen = int(offer.data["monthly_micro"]) - PRICE_ROSE_MICRO
    resize = {"server_id": str(outgrown.id), "plan": larger, "grow_disk": True, "seen_monthly_micro": seen}
    keep = {"server_id": str(ids[UNKEPT]), "name": "before the upgrade"}
    return [Wish(AGENCY, "server.snapshot", keep, AUTHOR), Wish(AGENCY, "server.resize", resize, AUTHOR)]
