"""kill -9 at every boundary of the jobs that change the settings, the API token and the administrator's password of a
mail server on an emulated host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from backend.engine.payload import from_plain
from backend.mail.change.requests import ChangeMail, RenewPassword, RenewToken
from backend.mail.refs import admin_ref, next_admin_ref, next_token_ref, token_ref
from backend.mailu.files import COMPOSE_PATH, ENV_PATH
from backend.mailu.settings import MailSettings
from tests.backend.mail.upgrade_site import MailSite, mail_site
from tests.installation import question_of
from tests.kills.campaign import Campaign

CHANGE = ("look", "images", "filter", "write", "start", "well", "proof", "note")
TOKEN = ("make", "write", "well", "proof", "keep")
PASSWORD = ("make", "write", "proof", "keep")
SECONDS = 120.0
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[MailSite]:
    with mail_site(tmp_path / "site") as made:
        yield made


@pytest.fixture
def campaign(tmp_path: Path, site: MailSite) -> Iterator[Campaign]:
    made = Campaign(tmp_path / "data", [], has_machines=True, where=site.where)
    try:
        site.settle(made.client)
        yield made
    finally:
        made.close()


def killed(campaign: Campaign, job_id: UUID, *moments: str) -> None:
    """It ends well although an engine dies at each of these."""
    for moment in moments:
        campaign.die_at(moment, seconds=SECONDS)
    campaign.start()
    job = campaign.driver.wait_for(job_id, seconds=SECONDS)
    assert job.state == "succeeded", (job.cause, campaign.driver.described(job_id))


def boundaries(*steps: str) -> list[str]:
    return [f"{step}:{state}" for step in steps for state in ("running", "done")]


@pytest.mark.proof("a kill at a change of a mail server")
def test_settings_are_changed_once_although_the_engine_is_killed(site: MailSite, campaign: Campaign) -> None:
    before = site.host.files[ENV_PATH]
    job_id = campaign.driver.submit(ChangeMail(site.id, message_mb=30, scans_macros=False))
    waiting = campaign.driver.wait_for(job_id, "waiting_for_you", seconds=SECONDS)
    campaign.stop()
    campaign.driver.act(job_id, "job.confirm", fingerprint=question_of(waiting).fingerprint)

    killed(campaign, job_id, "look:done", *boundaries(*CHANGE[1:]))

    changed = {"MESSAGE_SIZE_LIMIT=50000000": "MESSAGE_SIZE_LIMIT=30000000", "SCAN_MACROS=true": "SCAN_MACROS=false"}
    assert site.host.files[ENV_PATH].splitlines() == [changed.get(line, line) for line in before.splitlines()]
    assert "mem_limit: 2g" in site.compose
    assert "oletools" not in site.compose
    assert {path for path in site.host.files if path.startswith((ENV_PATH, COMPOSE_PATH))} == {COMPOSE_PATH, ENV_PATH}
    settings = from_plain(MailSettings, site.row(campaign.client).settings or {})
    assert (settings.message_mb, settings.scans_macros) == (30, False)
    assert site.changed_by_hand(campaign.client) == ["compose: front mem_limit"]


@pytest.mark.proof("a kill at a change of a mail server")
def test_one_token_is_left_although_the_engine_is_killed(site: MailSite, campaign: Campaign) -> None:
    old = campaign.client.secrets.read(token_ref(site.id)).reveal()
    campaign.stop()

    killed(campaign, campaign.driver.submit(RenewToken(site.id)), *boundaries(*TOKEN))

    new = campaign.client.secrets.read(token_ref(site.id)).reveal()
    assert new != old
    assert site.host.files[ENV_PATH].count("API_TOKEN=") == 1
    assert f"API_TOKEN={new}" in site.host.files[ENV_PATH]
    assert next_token_ref(site.id) not in campaign.client.secrets.references()
    assert site.changed_by_hand(campaign.client) == ["compose: front mem_limit"]


@pytest.mark.proof("a kill at a change of a mail server")
def test_one_password_is_left_although_the_engine_is_killed(site: MailSite, campaign: Campaign) -> None:
    old = campaign.client.secrets.read(admin_ref(site.id)).reveal()
    campaign.stop()

    killed(campaign, campaign.driver.submit(RenewPassword(site.id)), *boundaries(*PASSWORD))

    new = campaign.client.secrets.read(admin_ref(site.id)).reveal()
    assert (new == old, site.lets_in(new), site.lets_in(old)) == (False, True, False)
    assert next_admin_ref(site.id) not in campaign.client.secrets.references()
