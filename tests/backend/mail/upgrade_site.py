"""A mail server of the demo on an emulated host in this process, whose disk and containers a test can look at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete

from backend.bootstrap import Installation
from backend.core.ssh.keys import new_key_pair
from backend.demo.fleet import mail_commands
from backend.demo.fleet.calls import Answer, Call
from backend.demo.fleet.context import DemoContext
from backend.demo.fleet.endpoint import DemoEndpoint
from backend.demo.fleet.host import HOST_KEY, Host
from backend.demo.fleet.hosted_mail import HostedMail, new_mail
from backend.demo.fleet.machines import Hosts
from backend.demo.fleet.mail import OUTDATED, client_of
from backend.demo.fleet.mail_past import made_mail
from backend.demo.fleet.servers import client_id
from backend.mail.files.digests import differing, digest_of, digests_of
from backend.mail.files.look import OVERRIDES
from backend.mail.refs import admin_ref
from backend.mail.requests import UpgradeMail
from backend.mail.upgrade.plan import MailUpgrade, UpgradePlan
from backend.mailu.files import COMPOSE_PATH
from backend.mailu.settings import VERSION
from backend.store.schema.fleet import Account, Server, ServerEvent, Workspace
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.rows import row_of
from tests.installation import Driver, ask, until

IP = "203.0.113.77"
(NAME, OLD), *_ = OUTDATED.items()
SECONDS = 120.0
#: What somebody added to the compose file by hand.
BY_HAND = "    # kept: 2 GB, as agreed\n    mem_limit: 2g\n"


class MailSite:
    """Owner of the host; ``where`` is the file that leads to it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.where = folder / "where.json"
        self.key = new_key_pair()
        self.hosts = Hosts(folder, self._announce)
        self.id = uuid4()
        self._files: dict[str, str] = {}
        self._settings: dict[str, Any] | None = None
        self._password = ""

    def settle(self, installation: Installation) -> None:
        """Its mail server as the demo has it, on the host and in the rows; its compose file was changed by hand."""
        now = installation.clock.now()
        made = made_mail(NAME, now)
        order = {"name": NAME, "vcpus": 2, "memory_mb": 4_096, "disk_gb": 80, "public_keys": [self.key.public]}
        self.hosts.make("one", {**order, **made.told()}, IP)
        self._announce()
        self._add_rows(installation, now)
        of = installation
        context = DemoContext(of.store, of.metrics, of.secrets, of.providers, of.clock)
        made.write(context, self.id)
        files = self.host.files
        files[COMPOSE_PATH] = files[COMPOSE_PATH].replace("services:\n  front:\n", f"services:\n  front:\n{BY_HAND}", 1)
        self._files, self._settings = dict(files), self.row(installation).settings
        self._password = made.admin_password.reveal()

    def as_new(self, installation: Installation) -> None:
        """As it was settled: nothing was ever upgraded."""
        self.host.record["files"] = dict(self._files)
        self.mail.record.update(new_mail(stands=True, admin_password=self._password) | {"copies": {}, "sent": []})
        self.hosts.change("one", is_silent=False, disk_gb=80)
        with installation.store.write(ENGINE_SCOPE) as session:
            for kind in (ServerEvent, Job):
                session.execute(delete(kind).where(kind.tenant_id == AGENCY))
            row = session.get_one(MailServer, (AGENCY, self.id))
            row.state, row.version, row.settings = "running", OLD, self._settings
            row.is_adopted, row.admin_ref = False, admin_ref(self.id).path

    @property
    def endpoint(self) -> DemoEndpoint:
        return DemoEndpoint(self.where)

    @property
    def host(self) -> Host:
        return self.hosts.of("one")

    @property
    def mail(self) -> HostedMail:
        assert self.host.mail is not None
        return self.host.mail

    @property
    def compose(self) -> str:
        return self.host.files[COMPOSE_PATH]

    @property
    def copies(self) -> dict[str, Any]:
        found: dict[str, Any] = self.mail.record.get("copies", {})
        return found

    def row(self, installation: Installation) -> MailServer:
        with installation.store.read(ENGINE_SCOPE) as session:
            return session.get_one(MailServer, (AGENCY, self.id))

    def lets_in(self, password: str) -> bool:
        """Whether its administrator can log in with it."""
        return self.mail.lets_in(f"admin@{self.mail.environment['DOMAIN']}", password)

    def changed_by_hand(self, installation: Installation) -> Sequence[str]:
        """What the look of every hour would name, now that no job is at its files."""
        row, files = self.row(installation), self.host.files
        below = f"{row.root}/{OVERRIDES}/"
        beside = {path.removeprefix(below): digest_of(files[path]) for path in files if path.startswith(below)}
        assert row.files_job is None
        now = digests_of(files[row.env_file], [files[path] for path in row.files], beside)
        return differing(row.files_accepted or {}, now)

    def close(self) -> None:
        self.hosts.close()

    def _announce(self) -> None:
        if hasattr(self, "hosts"):
            self.where.write_text(json.dumps({"ssh": self.hosts.ports()}))

    def _add_rows(self, installation: Installation, now: Any) -> None:
        ref = installation.client.keep_secret_now("ssh_keys", AGENCY, self.key.private)
        public = " ".join(self.host.files[f"{HOST_KEY}.pub"].split()[:2])
        entered = {"address": IP, "ssh_user": "root", "ssh_key_ref": ref.path, "host_key": public}
        client = client_of(NAME)
        with installation.store.write(ENGINE_SCOPE) as session:
            account = row_of(Account, AGENCY, state="removed", removed_at=now)
            session.add(account)
            session.add(row_of(Workspace, client_id(client), name=client, kind="client", created_at=now))
            session.flush()
            common = {"account_id": account.id, "life": "active", "is_ours": True, "created_at": now}
            session.add(row_of(Server, AGENCY, id=self.id, name=NAME, **common, **entered))


@dataclass
class World:
    """A running engine with one mail server of an older version."""

    installation: Installation
    site: MailSite
    driver: Driver

    def job(self, version: str = VERSION) -> Job:
        return self.driver.wait_for(self.driver.submit(UpgradeMail(self.site.id, version)), seconds=SECONDS)

    def notes(self, job: Job) -> dict[str, str]:
        return {key: note for key, _state, note in self.driver.described(job.id)}

    def states(self, job_id: UUID) -> dict[str, str]:
        return {step.key: step.state for step in self.driver.steps(job_id)}

    def refusal(self, version: str) -> str:
        """Why it never became a job."""
        asked = self.driver.submit(UpgradeMail(self.site.id, version))

        def look() -> str | None:
            with self.installation.store.read(ENGINE_SCOPE) as session:
                return session.get_one(RequestRow, (AGENCY, asked)).refusal

        return str(until(look, "the refusal", SECONDS))

    @property
    def row(self) -> MailServer:
        return self.site.row(self.installation)

    @property
    def plan(self) -> UpgradePlan:
        found = ask(self.installation, MailUpgrade(ENGINE_SCOPE, self.site.id))
        assert found is not None
        return found

    def is_as_before(self, compose: str) -> bool:
        mail = self.site.mail
        new = [image for image in mail.record["images"] if image.endswith(VERSION)]
        row = self.row
        kept = (row.settings or {})["mailu_version"]
        return (self.site.compose, mail.record["is_up"], new, self.site.copies, row.state, row.version, kept) == (
            *(compose, True, [], {}, "running", OLD, OLD),
        )


def ill_at(patch: pytest.MonkeyPatch, version: str) -> None:
    """From now on antispam of this version ends at each start."""
    as_it_is = mail_commands.containers

    def containers(mail: HostedMail) -> Iterator[dict[str, Any]]:
        for each in as_it_is(mail):
            is_ill = each["Service"] == "antispam" and mail.services["antispam"].endswith(f":{version}")
            yield {**each, "State": "restarting", "ExitCode": 1} if is_ill else each

    patch.setattr(mail_commands, "containers", containers)


def watched(patch: pytest.MonkeyPatch, pattern: str) -> list[str]:
    """The commands that the emulated host is given from now on and that the pattern matches."""
    seen, table = list[str](), mail_commands.TABLE

    def act(call: Call) -> Answer:
        seen.append(call.match.string)
        return next(done(call) for each, done in table if each.search(call.match.string))

    patch.setattr(mail_commands, "TABLE", ((re.compile(pattern), act), *table))
    return seen


@contextmanager
def mail_site(folder: Path) -> Iterator[MailSite]:
    site = MailSite(folder)
    try:
        yield site
    finally:
        site.close()
