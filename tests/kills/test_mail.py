"""kill -9 under the job that sets a mail server up on a real Docker: amid images, first start and administrator, and
in the long run at every boundary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from backend.engine.jobs import ENDED
from backend.mail.requests import InstallMail
from backend.store.schema.mail import MailServer
from tests.kills.campaign import Campaign
from tests.lab.client import Client
from tests.lab.mail.filter import image_with_filter
from tests.stories.mail_hosts import JOB_S, MailAgency, without_account

HOST, DOMAIN = "mx2.lab.test", "second.test"
#: In the middle of what each step does: after this many seconds of it.
KILLS = (("pull:running", 1.5), ("start:running", 1.0), ("admin:running", 0.2))
ENV = "/opt/mailu/mailu.env"
USERS = """python3 -c "import sqlite3
for row in sqlite3.connect('/mailu/data/main.db').execute('SELECT email FROM user'): print(*row)"
"""


@dataclass(frozen=True)
class SetUp:
    """What is there after the job ended."""

    mail_server: MailServer
    env: str
    files: list[str]
    users: list[str]


@pytest.fixture
def campaign(tmp_path: Path, lab: Client) -> Iterator[Campaign]:
    made = Campaign(tmp_path / "data", [], has_machines=True, hosts=lab.hosts)
    yield made
    made.close()


@pytest.fixture
def agency(campaign: Campaign, lab: Client) -> MailAgency:
    return MailAgency(campaign.client, campaign.driver, lab, without_account(campaign.client))


@pytest.mark.lab
@pytest.mark.timeout(1800)
def test_a_mail_server_is_set_up_once_although_its_engine_is_killed(
    tmp_path: Path, campaign: Campaign, agency: MailAgency, mail_snapshot: Path
) -> None:
    found = set_up(campaign, agency, image_with_filter(mail_snapshot, tmp_path / "image"), KILLS)

    check_whole(found)


@pytest.mark.lab
@pytest.mark.soak
def test_a_mail_server_is_set_up_once_although_its_engine_is_killed_at_every_boundary(
    tmp_path: Path, campaign: Campaign, agency: MailAgency, mail_snapshot: Path
) -> None:
    steps = campaign.client.kinds[InstallMail.kind].steps(InstallMail(uuid4(), DOMAIN))
    boundaries = [(f"{step.key}:{state}", 0.0) for step in steps for state in ("running", "done")]

    found = set_up(campaign, agency, image_with_filter(mail_snapshot, tmp_path / "image"), boundaries)

    assert campaign.kills == len(boundaries)
    check_whole(found)


def set_up(campaign: Campaign, agency: MailAgency, image: Path, moments: Sequence[tuple[str, float]]) -> SetUp:
    """The job on a new host, its engine killed at each of these moments and seconds after."""
    with agency.server(HOST, has_docker=True, image=str(image)) as (host, server):
        job_id = campaign.driver.submit(InstallMail(server, DOMAIN))
        for moment, after in moments:
            campaign.die_at(moment, after=after, seconds=JOB_S)
        campaign.start()
        campaign.wait(lambda: (job := campaign.driver.job(job_id)) and job.state in ENDED, "the job to end", JOB_S)
        job = campaign.driver.job(job_id)
        assert job is not None
        assert job.state == "succeeded", (job.cause, campaign.driver.described(job_id))
        with host.shell() as shell:
            env = shell.read(f"cat {ENV}")
            files, users = shell.read("ls /opt/mailu").split(), shell.read(USERS).split()
        return SetUp(agency.mail_server(server), env, files, users)


def check_whole(found: SetUp) -> None:
    """One administrator, whole files, and a server that runs."""
    assert found.users == [f"admin@{DOMAIN}"]
    assert found.files == ["docker-compose.yml", "mailu.env"]
    assert found.env.count("SECRET_KEY=") == found.env.count("API_TOKEN=") == 1
    assert found.env.splitlines()[-1] == "LOG_LEVEL=INFO"
    assert found.mail_server.state == "running"
