"""Campaigns as a fixture, and the marker of the long run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.backend.providers.cases import DIGITALOCEAN, Case
from tests.emulators.process import Emulator
from tests.kills.campaign import Campaign
from tests.kills.witness import Hosts

NewCampaign = Callable[..., Campaign]


@pytest.fixture
def new_campaign(
    tmp_path: Path, request: pytest.FixtureRequest, new_emulator: Callable[..., Emulator]
) -> Iterator[NewCampaign]:
    """Makes campaigns: at providers with lab hosts in a test of the lab, else with addresses alone."""
    is_lab = request.node.get_closest_marker("lab") is not None
    machines = request.getfixturevalue("machines") if is_lab else None
    made: list[Campaign] = []
    of_the_lab = request.getfixturevalue("lab").hosts if is_lab else None

    def make(*cases: Case, is_forgetful: bool = False, hosts: Hosts | None = of_the_lab) -> Campaign:
        """At DigitalOcean where no case is given."""
        path = machines.path if machines else None
        clouds = [(case, new_emulator(kind=case.kind, machines=path)) for case in cases or (DIGITALOCEAN,)]
        folder = tmp_path / f"data-{len(made)}"
        made.append(Campaign(folder, clouds, has_machines=is_lab, is_forgetful=is_forgetful, hosts=hosts))
        return made[-1]

    yield make
    for campaign in made:
        campaign.close()
        for site in campaign.sites:
            site.emulator.close()
    if machines:
        machines.delete_all()
