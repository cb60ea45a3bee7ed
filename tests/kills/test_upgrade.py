"""kill -9 at every boundary of the job that upgrades a mail server on an emulated host, and of its way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from backend.mail.requests import UpgradeMail
from backend.mailu.files import COMPOSE_PATH
from backend.mailu.settings import VERSION
from backend.store.schema.operations import Job
from tests.backend.mail.upgrade_site import BY_HAND, OLD, MailSite, ill_at, mail_site
from tests.kills.campaign import Campaign

STEPS = ("look", "pull", "stop", "copy", "files", "start", "well", "proof", "note")
UNDONE = ("well", "start", "files", "copy", "stop", "pull")
SECONDS = 120.0


@dataclass
class Upgrade:
    """A mail server that is upgraded while engine after engine is killed; its host is never killed."""

    site: MailSite
    campaign: Campaign
    job_id: UUID

    def kill_at(self, *moments: str) -> None:
        for moment in moments:
            self.campaign.die_at(moment, seconds=SECONDS)

    def ended(self) -> Job:
        self.campaign.start()
        return self.campaign.driver.wait_for(self.job_id, seconds=SECONDS)


@pytest.fixture
def upgrade(tmp_path: Path) -> Iterator[Upgrade]:
    with mail_site(tmp_path / "site") as site:
        campaign = Campaign(tmp_path / "data", [], has_machines=True, where=site.where)
        try:
            site.settle(campaign.client)
            campaign.stop()
            yield Upgrade(site, campaign, campaign.driver.submit(UpgradeMail(site.id)))
        finally:
            campaign.close()


@pytest.mark.timeout(900)
def test_killed_at_every_boundary_it_ends_at_the_new_version(upgrade: Upgrade) -> None:
    before = upgrade.site.compose
    upgrade.kill_at(*(f"{step}:{state}" for step in STEPS for state in ("running", "done")))

    job = upgrade.ended()

    assert job.state == "succeeded", (job.cause, upgrade.campaign.driver.described(job.id))
    assert [step.tries for step in upgrade.campaign.driver.steps(job.id)] == [1] * len(STEPS)
    assert upgrade.site.compose == before.replace(OLD, VERSION)
    assert BY_HAND in upgrade.site.compose
    assert [copy[COMPOSE_PATH] for copy in upgrade.site.copies.values()] == [before]
    row = upgrade.site.row(upgrade.campaign.client)
    assert (row.state, row.version, upgrade.site.mail.record["is_up"]) == ("running", VERSION, True)
    assert upgrade.site.changed_by_hand(upgrade.campaign.client) == ["compose: front mem_limit"]


@pytest.mark.timeout(900)
def test_killed_at_every_boundary_of_its_way_back_it_ends_as_before(
    upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = upgrade.site.compose
    ill_at(monkeypatch, VERSION)
    upgrade.kill_at("well:running")
    upgrade.campaign.driver.act(upgrade.job_id, "job.cancel")
    upgrade.kill_at(*(f"{step}:{state}" for step in UNDONE for state in ("undoing", "undone")))

    job = upgrade.ended()

    assert (job.state, job.cause) == ("cancelled", ""), upgrade.campaign.driver.described(job.id)
    assert (upgrade.site.compose, upgrade.site.copies) == (before, {})
    row = upgrade.site.row(upgrade.campaign.client)
    assert (row.state, row.version, upgrade.site.mail.record["is_up"]) == ("running", OLD, True)
    assert upgrade.site.changed_by_hand(upgrade.campaign.client) == ["compose: front mem_limit"]
