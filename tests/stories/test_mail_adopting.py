"""A Mailu that somebody else set up on a real engine is adopted by the job, and its domains are run from then on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.mail.adopt.queries import MailFindings
from backend.mail.adopt.requests import AdoptMail, LookAtMail
from backend.mail.requests import AddDomain
from backend.store.schema.mail import Domain
from backend.store.schema.operations import Job, JobLog, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.installation import ask
from tests.lab.client import Client
from tests.lab.mail.compose import API_TOKEN, ENVIRONMENT, ROOT
from tests.lab.mail.stack import HOST, Stack
from tests.stories.mail_hosts import MailAgency, mail_agency

NEW = "adopted.test"
FILES = f"cd {ROOT} && stat -c '%n %a %u %Y' mailu.env docker-compose.yml && sha256sum mailu.env docker-compose.yml"

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@pytest.fixture
def agency(tmp_path: Path, lab: Client) -> Iterator[MailAgency]:
    with mail_agency(tmp_path / "agency", lab) as made:
        yield made


def test_it_is_taken_over_as_it_stands_and_its_domains_are_run_by_its_own_token(
    agency: MailAgency, mail_server: Stack
) -> None:
    server, before = agency.enter(mail_server.host), mail_server.shell.read(FILES)

    agency.done(LookAtMail(server))
    found = ask(agency.installation, MailFindings(Scope.of(AGENCY), server))
    assert found.found is not None
    agency.done(AdoptMail(server, found.found.stamp))

    row = agency.mail_server(server)
    assert (row.state, row.host_name, domains(agency, server)) == ("running", HOST, {ENVIRONMENT["DOMAIN"]})
    agency.done(AddDomain(server, NEW))
    names = {each["name"] for each in mail_server.api.get("/domain").json()}
    assert names == domains(agency, server) == {ENVIRONMENT["DOMAIN"], NEW}
    assert mail_server.shell.read(FILES) == before
    assert API_TOKEN not in written(agency)
    assert ENVIRONMENT["SECRET_KEY"] not in written(agency)


def domains(agency: MailAgency, server: UUID) -> set[str]:
    with agency.installation.store.read(ENGINE_SCOPE) as session:
        return set(session.scalars(select(Domain.name).where(Domain.server_id == server)))


def written(agency: MailAgency) -> str:
    """Everything that the jobs left in rows."""
    with agency.installation.store.read(ENGINE_SCOPE) as session:
        steps = [(each.note, each.result) for each in session.scalars(select(JobStep))]
        jobs = [(each.request, each.cause, each.remedy) for each in session.scalars(select(Job))]
        return repr((steps, jobs, list(session.scalars(select(JobLog.text)))))
