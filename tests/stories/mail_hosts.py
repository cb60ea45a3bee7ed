"""An engine whose servers are hosts of the lab, and mail servers that its jobs set up on them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.bootstrap import Installation
from backend.core.secrets.values import Secret
from backend.engine.jobs import ENDED
from backend.engine.payload import Request
from backend.feature import Features
from backend.features import FEATURES
from backend.fleet.servers import ServerAccess
from backend.mail.feature import mail_feature
from backend.mail.repository import MailRepository
from backend.store.schema.fleet import Account, Server
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.rows import row_of
from tests.installation import Driver, open_installation, question_of, until
from tests.lab.base import ensure_base
from tests.lab.client import Client
from tests.lab.flavours import docker
from tests.lab.hosts import LabHost, make_host
from tests.lab.mail.person import Person
from tests.lab.mail.stack import wait_for_engine
from tests.lab.nodes.packages import WITHOUT_DOCKER, packages_key
from tests.lab.nodes.plan import REGISTRY, RESOLVER, SINKS
from tests.lab.recipe import SUITE

#: Mail servers of others that a server tries port 25 with.
OUTSIDE = tuple(f"mx.{domain}" for domain in SINKS)
JOB_S, HOST_S = 900.0, 300.0
#: A small plan for mail at most providers: 2 cores, 4 GB, 40 GB.
SIZE: dict[str, Any] = {"memory_mb": 4096, "cpus": 2.0, "disk_mb": 40_960}


@dataclass
class MailAgency:
    """A running engine, and the lab that its servers are hosts of."""

    installation: Installation
    driver: Driver
    lab: Client
    account: UUID

    @property
    def folder(self) -> Path:
        """The data folder, for windows and commands beside the engine."""
        return self.installation.folder.root

    @contextmanager
    def server(
        self, name: str, *, has_docker: bool = False, suite: str = SUITE, **order: Any
    ) -> Iterator[tuple[LabHost, UUID]]:
        """A host as a server that Mailyard made and proved, while the block lasts."""
        base = str(ensure_base(docker(suite)))
        host = make_host(self.lab, name, base=base, resolver=RESOLVER, **{**SIZE, **order})
        try:
            with host.shell() as shell:
                if has_docker:
                    wait_for_engine(shell)
                else:
                    shell.read(WITHOUT_DOCKER, HOST_S)
            yield host, self.enter(host)
        finally:
            self.lab.delete(name)

    def enter(self, host: LabHost) -> UUID:
        """The row of a server that Mailyard made and proved, for a host that is there."""
        server_id, now = uuid4(), self.installation.clock.now()
        key = self.installation.client.keep_secret_now("ssh_keys", AGENCY, Secret(host.private_key))
        entered = {"address": host.ip, "ssh_user": "root", "ssh_key_ref": key.path, "host_key": host.host_key}
        common = {"account_id": self.account, "life": "active", "is_ours": True, "created_at": now}
        with self.installation.store.write(ENGINE_SCOPE) as session:
            session.add(row_of(Server, AGENCY, id=server_id, name=host.name, **common, **entered))
        return server_id

    def job(self, request: Request) -> Job:
        """Its job once it ended."""
        return self.driver.wait_for(self.driver.submit(request), seconds=JOB_S)

    def newest(self, kind: type[Request]) -> Job:
        """The job that was asked for last, once it ended."""
        asked = select(Job.id).where(Job.kind == kind.kind).order_by(Job.requested_at.desc()).limit(1)
        with self.installation.store.read(ENGINE_SCOPE) as session:
            job_id = session.scalars(asked).one()
        return self.driver.wait_for(job_id, seconds=JOB_S)

    def done(self, request: Request) -> Job:
        return self._succeeded(self.job(request))

    def agreed(self, request: Request) -> tuple[Job, dict[str, str]]:
        """Its job, once what it asked was agreed to; and what it would do, by the words for each."""
        waiting = self.driver.wait_for(self.driver.submit(request), "waiting_for_you", "failed", seconds=JOB_S)
        question = question_of(waiting)
        self.driver.act(waiting.id, "job.confirm", fingerprint=question.fingerprint)
        job = self._succeeded(self.driver.wait_for(waiting.id, seconds=JOB_S))
        return job, {each.label: each.value for each in question.effects}

    def retried(self, job: Job) -> Job:
        """The job once it ended again."""
        self.driver.act(job.id, "job.retry")
        return self.ended_again(job)

    def ended_again(self, before: Job) -> Job:
        """The job once a later run of it ended."""

        def look() -> Job | None:
            found = self.driver.job(before.id)
            return found if found and found.run > before.run and found.state in ENDED else None

        return until(look, "the retry to end", JOB_S)

    def reaches(self, before: Job, key: str) -> None:
        """Returns when a later run of the job is at that step."""

        def is_there() -> bool:
            found = self.driver.job(before.id)
            steps = {step.key: step.state for step in self.driver.steps(before.id)}
            return found is not None and found.run > before.run and steps[key] == "running"

        until(is_there, f"the job to be at {key}", JOB_S)

    def kept(self, password: str) -> str:
        """Where the password lies."""
        return self.installation.client.keep_secret_now("smtp", AGENCY, Secret(password)).path

    def mail_server(self, server_id: UUID) -> MailServer:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return session.get_one(MailServer, (AGENCY, server_id))

    @property
    def repository(self) -> MailRepository:
        return MailRepository(self.installation.store)

    def access(self) -> ServerAccess:
        installation = self.installation
        return ServerAccess(installation.store, installation.secrets, installation.choices.endpoint)

    def person(self, host: LabHost, server_id: UUID, address: str, password: str) -> Person:
        """Who trusts the certificate that Mailyard wrote, whatever name it is for."""
        trust = ssl.create_default_context(cadata=self.mail_server(server_id).certificate)
        trust.check_hostname = False
        return Person(host.ip, trust, address, password)

    def _succeeded(self, job: Job) -> Job:
        assert job.state == "succeeded", (job.cause, job.remedy, self.driver.described(job.id))
        return job


@contextmanager
def mail_agency(folder: Path, lab: Client) -> Iterator[MailAgency]:
    """Port 25 is tried with mail servers of the lab."""
    mail = mail_feature(outside=OUTSIDE)
    features = Features(mail if each.name == mail.name else each for each in FEATURES.all)
    installation = open_installation(folder, features=features, docker_key=packages_key())
    try:
        assert installation.become_engine("test")
        yield MailAgency(installation, Driver(installation), lab, without_account(installation))
    finally:
        installation.close()


def without_account(installation: Installation) -> UUID:
    """The row of an account at a provider that nobody asks any more."""
    ended = {"state": "removed", "removed_at": installation.clock.now()}
    account = row_of(Account, AGENCY, provider="digitalocean", **ended)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(account)
    return account.id


@contextmanager
def registry_down(lab: Client) -> Iterator[None]:
    lab.net("block", source="*", target=REGISTRY.ip, port=443, how="reject")
    try:
        yield
    finally:
        lab.net("unblock")
