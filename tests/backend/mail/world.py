"""An engine, servers with an emulated Mailu behind them, and the questions that tests of mail ask of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from backend.bootstrap import Installation
from backend.core.secrets.values import Secret
from backend.engine.context import StepContext
from backend.engine.jobs import Done, StepOutcome
from backend.engine.payload import Request, Result, to_plain
from backend.feature import Features
from backend.features import FEATURES
from backend.mail.feature import mail_feature
from backend.mail.refs import admin_ref, token_ref
from backend.mailu.settings import MailSettings
from backend.store.schema.fleet import Account, Server, Workspace
from backend.store.schema.mail import AppToken, Domain, MailAlias, Mailbox, MailRelay, MailServer
from backend.store.schema.operations import Job, JobLog, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.mailu.emulated import HOST_NAME, EmulatedHosts
from tests.backend.servers.steps import step_context
from tests.backend.servers.world import Loopback, in_haste
from tests.backend.store.rows import row_of
from tests.emulators.process import Emulator
from tests.installation import Driver, open_installation, until

Q = TypeVar("Q", bound=Request)
K = TypeVar("K", Domain, Mailbox, MailAlias, MailRelay, AppToken)

CLIENT, OTHER_CLIENT = uuid4(), uuid4()
DOMAIN = "example.net"
SECONDS = 120.0


@dataclass
class MailWorld:
    """A running engine with one mail server, which is ours and runs, and another server without one."""

    installation: Installation
    mailu: Emulator
    hosts: EmulatedHosts
    driver: Driver
    server: UUID
    bare: UUID

    def job(self, request: Request) -> Job:
        """Its job once it ended."""
        return self.driver.wait_for(self.driver.submit(request), seconds=SECONDS)

    def done(self, request: Request) -> Job:
        job = self.job(request)
        assert job.state == "succeeded", (job.cause, job.remedy, self.driver.described(job.id))
        return job

    def refusal(self, request: Request) -> str:
        """Why it never became a job."""
        asked = self.driver.submit(request)

        def look() -> str | None:
            with self.installation.store.read(ENGINE_SCOPE) as session:
                return session.get_one(RequestRow, (AGENCY, asked)).refusal

        return str(until(look, f"{request} to be refused", SECONDS))

    def step(self, request: Q, key: str, results: dict[str, Result] | None = None) -> StepOutcome:
        """What one step of its job answers, by itself: as after a kill."""
        step = next(each for each in self.installation.kinds[request.kind].steps(request) if each.key == key)
        context: StepContext[Any] = step_context(self.installation, request, results)
        return step.run(context)

    def result(self, request: Request, key: str) -> dict[str, Result]:
        """What the step left, for the steps after it."""
        outcome = self.step(request, key)
        assert isinstance(outcome, Done)
        assert outcome.result is not None
        return {key: outcome.result}

    def kept(self, password: str) -> str:
        """Where the password lies."""
        return self.installation.client.keep_secret_now("smtp", AGENCY, Secret(password)).path

    def lies_there(self, ref: str) -> bool:
        return ref in [each.path for each in self.installation.secrets.references()]

    def rows(self, kind: type[K]) -> Sequence[K]:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return session.scalars(select(kind)).all()

    def domain(self, name: str = DOMAIN) -> Domain:
        """The row of the domain that a server has."""
        (row,) = [each for each in self.rows(Domain) if each.name == name and each.gone_at is None]
        return row

    def mailbox(self, address: str) -> Mailbox:
        (row,) = [each for each in self.rows(Mailbox) if each.address == address]
        return row

    def alias(self, address: str) -> MailAlias:
        (row,) = [each for each in self.rows(MailAlias) if each.address == address]
        return row

    def addresses(self, kind: type[Mailbox] | type[MailAlias] = Mailbox) -> list[str]:
        rows: Sequence[Mailbox | MailAlias] = self.rows(Mailbox) if kind is Mailbox else self.rows(MailAlias)
        return sorted(each.address for each in rows)

    def note(self, job: Job, key: str) -> str:
        """What the step said when it was done."""
        return next(step.note for step in self.driver.steps(job.id) if step.key == key)

    def tries(self, job: Job, key: str) -> int:
        return next(step.tries for step in self.driver.steps(job.id) if step.key == key)

    def said(self, job: Job) -> str:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return "\n".join(session.scalars(select(JobLog.text).where(JobLog.job_id == job.id).order_by(JobLog.at)))

    def by_hand(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Somebody else's call of Mailu's API."""
        with self.mailu.client() as client:
            answer = client.request(method, f"/api/v1{path}", json=body if body is not None else {})
            assert answer.status_code == 200, answer.text
            return answer.json()

    def user(self, address: str) -> dict[str, Any]:
        found: dict[str, Any] = self.by_hand("GET", f"/user/{address}")
        return found

    @contextmanager
    def another_carrier(self, name: str, owner: UUID) -> Iterator[None]:
        """The other server has a mail server, with this domain."""
        with self.installation.store.write(ENGINE_SCOPE) as session:
            session.add(mail_server(self.bare, api_token_ref=None))
            session.add(row_of(Domain, owner, name=name, alternatives=[], server_tenant_id=AGENCY, server_id=self.bare))
        try:
            yield
        finally:
            with self.installation.store.write(ENGINE_SCOPE) as session:
                session.execute(delete(MailServer).where(MailServer.server_id == self.bare))

    def as_new(self) -> None:
        """No domain anywhere, no fault, and the token that it had."""
        self.mailu.reset()
        with self.installation.store.write(ENGINE_SCOPE) as session:
            for kind in (Mailbox, MailAlias, AppToken, MailRelay, Domain):
                session.execute(delete(kind).where(kind.tenant_id.is_not(None)))
        self.installation.secrets.keep(token_ref(self.server), Secret(self.mailu.token))


@contextmanager
def mail_world(folder: Path) -> Iterator[MailWorld]:
    emulator = Emulator(folder / "mailu", kind="mailu")
    hosts = EmulatedHosts(emulator)
    mail = mail_feature(lambda _tools: hosts)
    features = Features(mail if each.name == mail.name else each for each in FEATURES.all)
    with in_haste():
        installation = open_installation(folder / "data", features=features, endpoint=Loopback())
        try:
            assert installation.become_engine("test")
            server, bare = _servers(installation)
            installation.secrets.keep(token_ref(server), Secret(emulator.token))
            yield MailWorld(installation, emulator, hosts, Driver(installation), server, bare)
        finally:
            installation.close()
    emulator.close()


def _servers(installation: Installation) -> tuple[UUID, UUID]:
    """Of an account that nobody asks any more."""
    now, server, bare = installation.clock.now(), uuid4(), uuid4()
    with installation.store.write(ENGINE_SCOPE) as session:
        account = row_of(Account, AGENCY, state="removed", removed_at=now)
        session.add(account)
        for client, name in ((CLIENT, "Client"), (OTHER_CLIENT, "Another client")):
            session.add(row_of(Workspace, client, name=name, kind="client", created_at=now))
        session.flush()
        for server_id, name in ((server, HOST_NAME), (bare, "mx2.example.net")):
            common = {"life": "active", "is_ours": True, "created_at": now}
            session.add(row_of(Server, AGENCY, id=server_id, account_id=account.id, name=name, **common))
        session.flush()
        session.add(mail_server(server))
    return server, bare


def mail_server(server_id: UUID, **changes: Any) -> MailServer:
    """The row of one that runs, set up by us."""
    settings = MailSettings(HOST_NAME, DOMAIN, "my20261201")
    known: dict[str, Any] = {
        "server_id": server_id,
        "state": "running",
        "version": settings.mailu_version,
        "host_name": HOST_NAME,
        "settings": to_plain(settings),
        "project": "mailu",
        "files": ["/opt/mailu/docker-compose.yml"],
        "api_token_ref": token_ref(server_id).path,
        "admin_ref": admin_ref(server_id).path,
        "certificate": "",
    }
    return MailServer(tenant_id=AGENCY, **{**known, **changes})
