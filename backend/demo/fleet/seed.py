"""Writes the demo's past: servers at both clouds as they were made ninety days ago, known here, observed since.

What can come about by itself does: rows of servers are written by the comparison that reads any account, and the
troubles that are jobs are requests, which the engine takes when it starts.
"""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import select

from backend.accounts.charges import keep_billing
from backend.accounts.offers import keep_offers
from backend.core.checks import Verdict
from backend.core.clock import PassedTime
from backend.core.present.message import Message
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef, new_ref
from backend.core.ssh.keys import KeyPair, new_key_pair
from backend.demo.emulator.twin import Order, Twin
from backend.demo.fleet.history import SILENT_FOR, observe_today, silent_night, verdicts_until
from backend.demo.fleet.mail import SIZES, TEMPLATES, UNKNOWN
from backend.demo.fleet.mail_files import unknown_mail
from backend.demo.fleet.mail_past import made_mail
from backend.demo.fleet.owned import OwnedCloud
from backend.demo.fleet.past import Names, Past
from backend.demo.fleet.servers import CLIENTS, DAYS, OUTGROWN, UNKEPT, DemoServer, client_id, demo_servers
from backend.demo.fleet.twins import TWINS
from backend.engine.requests import RequestEnvelope, write_request
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.verdicts import record_verdict
from backend.inventory.jobs import compare
from backend.mail.templates import keep as keep_template
from backend.providers.ports import OUR_TAG, intent_tag
from backend.servers.requests import ResizeServer, TakeSnapshot
from backend.store.schema.fleet import (
    Account,
    Address,
    Offer,
    Server,
    ServerEvent,
    ServerInterval,
    ServerUse,
    Workspace,
)
from backend.store.schema.observations import CheckInterval
from backend.store.schema.operations import Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.demo.fleet.context import DemoContext
    from backend.providers.ports import Machine

AUTHOR = "demo"
PRICE_ROSE_MICRO = 3_000_000
#: The login keys of its servers were renewed once.
KEY_AGE = timedelta(days=41)


def write_demo(context: DemoContext, clouds: Mapping[str, OwnedCloud]) -> None:
    """All but the samples of the days before today, which take longest
    (:func:`backend.demo.fleet.history.observe_past`).

    Into a store that is prepared and empty; ``clouds`` by kind.

    :raises MailyardError: a cloud does not answer.
    """
    now = context.clock.now()
    since = now.replace(hour=8, minute=15, second=0, microsecond=0) - timedelta(days=DAYS)
    past = Past(since, now)
    people = {each.name: _Made(each, new_key_pair(), new_key_pair(), since) for each in demo_servers()}
    with ThreadPoolExecutor(len(clouds)) as pool:
        found = dict(pool.map(lambda kind: (kind, _seed_cloud(kind, clouds[kind], people, past)), clouds))
    with context.store.write(ENGINE_SCOPE) as session:
        for client in CLIENTS:
            session.add(Workspace(tenant_id=client_id(client), name=client, kind="client", created_at=since))
    for kind, token in found.items():
        _open_account(context, kind, clouds[kind].url, token, since)
    with context.store.write(ENGINE_SCOPE) as session:
        servers = {row.name: row for row in session.scalars(select(Server)) if row.name in people}
        for name, row in servers.items():
            _make_ours(session, context, row, people[name], past)
        ids = {name: row.id for name, row in servers.items()}
        session.flush()
        past.write(session, _names(session, servers.values()))
        for template in TEMPLATES:
            keep_template(session, template, now)
    for name, made in people.items():
        if made.mail is not None:
            made.mail.write(context, ids[name])
    observe_today(context, {ids[name]: made.demo_server for name, made in people.items()}, since, now)
    with context.store.write(ENGINE_SCOPE) as session:
        for request in _troubles(session, ids):
            write_request(session, request, now)


def reach_again(context: DemoContext, clouds: Mapping[str, OwnedCloud]) -> None:
    """The clouds listen elsewhere since they were started anew, and the token that ends soon still does."""
    with context.store.write(ENGINE_SCOPE) as session:
        for kind, cloud in clouds.items():
            account = session.get(Account, (AGENCY, account_id_of(kind)))
            if account is not None and account.removed_at is None:
                account.endpoint_url = cloud.url
                if account.token_ends_at is not None:
                    token = context.secrets.read(SecretRef(account.secret_ref))
                    account.token_ends_at = _admit(kind, cloud, token)


class _Made:
    """A member with its keys: ``login`` is ours, ``host`` the machine's; ``mail`` is what was set up on it,
    ``unknown_mail`` what its host is told of one that nobody here knows of.
    """

    def __init__(self, demo_server: DemoServer, login: KeyPair, host: KeyPair, since: datetime) -> None:
        self.demo_server = demo_server
        self.login = login
        self.host = host
        self.mail = made_mail(demo_server.name, since) if demo_server.name in SIZES else None
        self.unknown_mail = unknown_mail(demo_server.name, since) if demo_server.name in UNKNOWN else {}

    def order(self) -> Order:
        """Tagged as what an order of ours leaves, with the number of an intent that there never was."""
        tags = (OUR_TAG, intent_tag(uuid4()))
        return Order(self.demo_server.name, self.demo_server.place, self.login, self._user_data(), tags)

    def _user_data(self) -> str:
        user = {"name": "root", "ssh_authorized_keys": [f"{self.login.public} mailyard"]}
        config = {"ssh_keys": {"ed25519_private": self.host.private.reveal()}, "users": [user]}
        return f"#cloud-config\n{json.dumps(config)}\n"


def _seed_cloud(kind: str, cloud: OwnedCloud, people: Mapping[str, _Made], past: Past) -> Secret:
    """A token for the account, and its servers with what is kept of them. It bills what they used since."""
    token, twin, since = Secret(random.token_urlsafe(24)), TWINS[kind], past.since
    _admit(kind, cloud, token)
    orders = [
        {"order": twin.written(made.order()), "machine": _machine(made, past, twin)}
        for made in people.values()
        if made.demo_server.place.cloud == kind
    ]
    cloud.order("stand", {"since": since.strftime(twin.stamp), "servers": orders})
    if people[UNKEPT].demo_server.place.cloud == kind:
        cloud.order("errored", {"type": "snapshot"})
    return token


def _machine(made: _Made, past: Past, twin: Twin) -> dict[str, Any]:
    """What its cloud and its host are told of one that was made before."""
    demo_server, since = made.demo_server, past.since.timestamp()
    name = demo_server.name
    return {
        "booted": since,
        "rhythm": {"since": since, **demo_server.load},
        "is_silent": demo_server.silent_for_s > 0,
        "reverse": past.reverse_of(name),
        "plans": [{"plan": plan, "until": until.isoformat()} for plan, until in past.plans_before(name)],
        "snapshots": [each | {"at": each["at"].strftime(twin.stamp)} for each in past.snapshots_of(name)],
        **(made.mail.told() if made.mail is not None else made.unknown_mail),
    }


def _admit(kind: str, cloud: OwnedCloud, token: Secret) -> datetime | None:
    """Have a cloud take the token; when it ends, where that cloud lets tokens end."""
    twin = TWINS[kind]
    ends = datetime.now(UTC).replace(microsecond=0) + twin.token_ends if twin.token_ends else None
    expiry = ends.strftime(twin.stamp) if ends else None
    cloud.order("tokens", {"token": token.reveal(), "expiry": expiry, "scopes": twin.scopes})
    return ends


def _open_account(context: DemoContext, kind: str, url: str, token: Secret, since: datetime) -> None:
    """Verified and read as any account is; its servers come with it."""
    ref, now, account_id = new_ref("api_keys", AGENCY), context.clock.now(), account_id_of(kind)
    context.secrets.keep(ref, token)
    provider = context.providers.open(kind, token, endpoint_url=url)
    try:
        token_details, catalogue = provider.verify(), provider.catalogue()
        machines: Sequence[Machine] = provider.machines()
        charges, invoices = provider.charges(), provider.invoices()
    finally:
        provider.close()
    account = Account(tenant_id=AGENCY, id=account_id, provider=kind, name=TWINS[kind].name, secret_ref=ref.path)
    account.endpoint_url, account.state, account.created_at = url, "verified", since
    account.token_since = max(since, now - KEY_AGE)
    account.note, account.holder, account.scopes = token_details.note, token_details.holder, list(token_details.scopes)
    account.can_write, account.token_ends_at = token_details.can_write, token_details.expires_at
    account.verified_at = account.checked_at = now
    with context.store.write(ENGINE_SCOPE) as session:
        session.add(account)
        session.flush()
        keep_offers(session, account_id, catalogue, now)
        keep_billing(session, account_id, charges, invoices, now)
        compare(session, account_id, machines, now, since=PassedTime(context.clock).since)


def account_id_of(kind: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mailyard:demo:account:{kind}")


def _make_ours(session: ScopedSession, context: DemoContext, server: Server, made: _Made, past: Past) -> None:
    """As it stands after provisioning: entered by our key, its host key pinned, used by a client; never found."""
    ref, since = new_ref("vps", AGENCY), past.since
    context.secrets.keep(ref, made.login.private)
    server.is_ours, server.host_key, server.ssh_key_ref = True, made.host.public, ref.path
    server.created_at, server.first_contact, now = since, "handed_over", context.clock.now()
    server.login_key_since = now - KEY_AGE
    server.sampled_at = now - timedelta(seconds=made.demo_server.silent_for_s)
    _judge(session, server, made.demo_server, since, now)
    for interval in session.scalars(select(ServerInterval).where(ServerInterval.server_id == server.id)):
        interval.since = max((until for _plan, until in past.plans_before(server.name)), default=since)
    for address in session.scalars(select(Address).where(Address.server_id == server.id)):
        address.since = since
        address.ptr = server.name if address.family == 4 else None
    for event in session.scalars(select(ServerEvent).where(ServerEvent.server_id == server.id)):
        session.delete(event)
    use = ServerUse(
        tenant_id=client_id(made.demo_server.client), id=uuid4(), server_tenant_id=AGENCY, server_id=server.id
    )
    use.since = since
    session.add(use)


def _judge(session: ScopedSession, server: Server, demo_server: DemoServer, since: datetime, now: datetime) -> None:
    """All that its check said so far. What it said before the last is written as it lies, without what it led to."""
    said = [*verdicts_until(demo_server, since, now), *_silences(server, demo_server, now)]
    ended = zip(said, [at for at, _verdict in said[1:]], strict=False)
    before, subject = "", server_subject(server.id)
    for (at, verdict), until in ended:
        interval = CheckInterval(tenant_id=AGENCY, id=uuid4(), subject_kind=subject.kind, subject_id=server.id)
        interval.check_key, interval.verdict, interval.before = SERVER_SAMPLE.key, verdict.word, before
        interval.why, interval.why_values = verdict.why.msgid, verdict.why.plain_values()
        interval.since, interval.until, before = at, until, verdict.word
        session.add(interval)
    at, verdict = said[-1]
    for moment in (at, now):
        record_verdict(session, subject, SERVER_SAMPLE, verdict, moment)


def _silences(server: Server, demo_server: DemoServer, now: datetime) -> Iterator[tuple[datetime, Verdict]]:
    """It did not answer one night, and does not now."""
    if not demo_server.silent_for_s:
        return
    words = _("{address} does not respond over SSH.").format(address=server.address)
    silent, night = Verdict("critical", Message.said(words)), silent_night(now)
    yield from ((night, silent), (night + SILENT_FOR, Verdict("ok")))
    yield now - timedelta(seconds=demo_server.silent_for_s), silent


def _names(session: ScopedSession, servers: Iterable[Server]) -> Names:
    rows = list(servers)
    return Names(
        servers={row.name: row.id for row in rows},
        accounts={kind: account_id_of(kind) for kind in TWINS},
        schedules={row.kind: row.id for row in session.scalars(select(Schedule))},
        addresses={row.name: row.address or "" for row in rows},
    )


def _troubles(session: ScopedSession, ids: Mapping[str, UUID]) -> Sequence[RequestEnvelope]:
    """A snapshot that the cloud fails once, and a larger plan requested at a price that went up."""
    outgrown = session.get_one(Server, (AGENCY, ids[OUTGROWN]))
    account = session.get_one(Account, (AGENCY, outgrown.account_id))
    larger = TWINS[account.provider].larger[outgrown.plan]
    offer = session.get_one(Offer, (AGENCY, outgrown.account_id, "plan", larger))
    seen = int(offer.data["monthly_micro"]) - PRICE_ROSE_MICRO
    resize = ResizeServer(outgrown.id, larger, grow_disk=True, seen_monthly_micro=seen)
    keep = TakeSnapshot(ids[UNKEPT], "before the upgrade")
    return [RequestEnvelope(AGENCY, keep, AUTHOR), RequestEnvelope(AGENCY, resize, AUTHOR)]
