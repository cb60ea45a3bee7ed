"""Campaigns as a fixture, and the marker of the long run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.emulators.process import Emulator
from tests.kills.campaign import Campaign

NewCampaign = Callable[..., Campaign]


@pytest.fixture
def new_campaign(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[NewCampaign]:
    """Makes campaigns: against a provider with lab hosts in a test of the lab, else with addresses alone."""
    is_lab = request.node.get_closest_marker("lab") is not None
    emulator: Emulator = request.getfixturevalue("emulator_with_machines" if is_lab else "emulator")
    made: list[Campaign] = []

    def make(**options: bool) -> Campaign:
        made.append(Campaign(tmp_path / f"data-{len(made)}", emulator, has_machines=is_lab, **options))
        return made[-1]

    yield make
    for campaign in made:
        campaign.close()
    with emulator.client() as client:
        for droplet in emulator.counters()["servers"]:
            client.delete(f"/v2/droplets/{droplet['id']}")
