"""Servers that one list lacks: each is asked for by its number before it is called gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from backend.inventory import missing
from tests.backend.servers.world import World, row_of, running_server, without_machines
from tests.installation import until

pytestmark = pytest.mark.judged_once

NOTHING: dict[str, Any] = {"droplets": [], "meta": {"total": 0}}
#: As reports of lists tell them: nothing at all, the true total left out, pages that end early.
LISTS = (NOTHING, NOTHING | {"links": {}}, NOTHING | {"links": {"pages": {}}})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with without_machines(tmp_path_factory.mktemp("missing")) as world:
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """An account that is empty here and there."""
    yield running
    running.emulator.heal()
    running.emulator.reset()
    until(lambda: "not listed" not in said(running), "all that was there to be gone")


def said(world: World) -> str:
    job = world.ended("inventory.refresh", account_id=str(world.account))
    assert job.state == "succeeded", job.cause
    return world.driver.steps(job.id)[0].note


def state(world: World, server: UUID) -> tuple[str, bool, list[bool]]:
    """Its life, whether its row is open, and which of its intervals are."""
    row = row_of(world, server)
    return row.life, row.gone_at is None, [interval.until is None for interval in world.intervals(server)]


@pytest.mark.parametrize("listed", LISTS)
def test_a_server_that_one_list_lacks_is_there_when_its_provider_says_so(world: World, listed: dict[str, Any]) -> None:
    server = running_server(world)
    events = world.events(server)
    world.emulator.fault("changed", "GET", "/v2/droplets", changes=listed)

    assert said(world) == "1 server, 0 missing, 1 not listed and not believed gone"

    assert state(world, server) == ("active", True, [True])
    assert world.events(server) == events


def test_a_server_that_cannot_be_asked_for_is_neither_there_nor_gone(world: World) -> None:
    server = running_server(world)
    world.emulator.fault("changed", "GET", "/v2/droplets", changes=NOTHING)
    world.emulator.fault("500", "GET", f"/v2/droplets/{row_of(world, server).provider_id}", times=20)

    assert said(world) == "0 servers, 0 missing, 1 not listed and not believed gone"

    assert state(world, server) == ("active", True, [True])


def test_a_page_in_the_providers_place_proves_no_deletion(world: World) -> None:
    server = running_server(world)
    world.emulator.fault("changed", "GET", "/v2/droplets", changes=NOTHING)
    world.emulator.fault("html", "GET", f"/v2/droplets/{row_of(world, server).provider_id}", status=404, times=20)

    assert "0 missing" in said(world)

    assert state(world, server) == ("active", True, [True])


def test_what_was_deleted_is_gone_in_the_same_run(world: World) -> None:
    server = running_server(world)
    world.emulator.reset()

    assert said(world) == "0 servers, 1 missing"

    assert state(world, server) == ("decommissioned", False, [False])


def test_of_a_list_that_came_back_empty_only_some_are_asked_for_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missing, "MOST_ASKED", 2)
    servers = [running_server(world) for _turn in range(3)]
    before = len(world.emulator.log())
    world.emulator.fault("changed", "GET", "/v2/droplets", changes=NOTHING)

    assert said(world) == "2 servers, 0 missing, 3 not listed and not believed gone"

    asked = [entry["path"] for entry in world.emulator.log()[before:] if entry["path"].startswith("/v2/droplets/")]
    assert len(asked) == 2
    assert all(state(world, server)[1] for server in servers)
