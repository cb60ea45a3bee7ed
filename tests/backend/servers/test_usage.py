"""What a server used this month: asked when a person wants to know, kept with its source and age."""

from __future__ import annotations

from uuid import UUID

import pytest

from backend.servers.network.queries import AttachedResources, UsageRow
from backend.store.scope import AGENCY, Scope
from tests.backend.servers.world import World, row_of


def used(world: World, server: UUID) -> UsageRow | None:
    return world.ask(AttachedResources(Scope.of(AGENCY), server)).usage


def test_traffic_and_load_are_kept_as_the_provider_told_them(world: World, server: UUID) -> None:
    assert used(world, server) is None
    number = row_of(world, server).provider_id
    world.emulator.set("traffic", id=number, received=3_000_000_000, sent=5_000_000_000, cpu=12.5)

    job = world.ended("server.usage", server_id=str(server))

    assert job.state == "succeeded", job.cause
    row = used(world, server)
    assert row is not None
    assert row.received_bytes == pytest.approx(3_000_000_000, rel=0.02)
    assert row.sent_bytes == pytest.approx(5_000_000_000, rel=0.02)
    assert row.cpu_percent == pytest.approx(12.5, abs=0.1)
    assert row.source
    assert "GB this month" in world.driver.steps(job.id)[0].note


def test_a_server_that_is_gone_at_the_provider_is_told_as_such(world: World, server: UUID) -> None:
    with world.emulator.client() as client:
        assert client.delete(f"/v2/droplets/{row_of(world, server).provider_id}").status_code == 204

    job = world.ended("server.usage", server_id=str(server))

    assert job.state == "failed"
    assert "no longer has this resource" in job.cause
    assert used(world, server) is None
