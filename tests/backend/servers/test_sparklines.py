"""Sparklines: an answer that goes on from an earlier one is the answer that is read anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.fleet.metrics import server_series
from backend.servers.sparklines import LATE_S, SLACK_S, SPAN, RecentSparklines, Sparklines
from backend.store.query import Source
from backend.store.schema.fleet import Server, ServerUse
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.fleet import AGENCY_SCOPE, CLIENT_SCOPE, fill, source_of
from tests.installation import open_installation

FIRST, SECOND, LAST = UUID(int=1), UUID(int=2), UUID(int=12)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    installation = open_installation(tmp_path)
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    fill(installation, 12)
    yield source_of(installation)
    installation.close()


def seconds(source: Source) -> int:
    return int(source.now.timestamp())


def observe(source: Source, server: UUID, at: int, **values: float) -> None:
    source.metrics.add(ENGINE_SCOPE, server_series(server), at, values)


def later(source: Source, **span: float) -> Source:
    return replace(source, now=source.now + timedelta(**span))


def anew(source: Source) -> Sparklines:
    return RecentSparklines(AGENCY_SCOPE).run(source)


def test_what_came_since_is_joined_and_the_rest_stays_the_same_object(source: Source) -> None:
    before = anew(source)
    observe(source, FIRST, seconds(source) + 30, cpu=77.0, memory=20.0)

    after = RecentSparklines(AGENCY_SCOPE, before).run(later(source, minutes=1))

    assert after.of(FIRST)["cpu"].now == 77.0
    assert after.of(FIRST)["disk"] is before.of(FIRST)["disk"]
    assert after.of(SECOND) is before.of(SECOND)
    assert after == anew(later(source, minutes=1))


def test_a_sample_that_was_committed_late_takes_its_place(source: Source) -> None:
    observe(source, FIRST, seconds(source) + 100, cpu=1.0)
    before = anew(source)
    observe(source, FIRST, seconds(source) + 100 - LATE_S // 2, cpu=2.0)

    after = RecentSparklines(AGENCY_SCOPE, before).run(source)

    assert [value for _at, value in after.of(FIRST)["cpu"].points][-2:] == [2.0, 1.0]
    assert after == anew(source)


def test_lines_are_cut_at_the_span_and_a_silent_server_has_none(source: Source) -> None:
    before = anew(source)
    end = later(source, seconds=SPAN.total_seconds() + SLACK_S)
    observe(end, FIRST, seconds(end) - 10, cpu=5.0)

    after = RecentSparklines(AGENCY_SCOPE, before).run(end)

    assert after.of(FIRST)["cpu"].points == ((seconds(end) - 10, 5.0),)
    assert after.of(SECOND)["cpu"].now is None
    assert after == anew(end)


def test_what_was_not_observed_is_no_point(source: Source) -> None:
    observe(source, FIRST, seconds(source) + 1, memory=20.0)

    sparks = anew(later(source, seconds=5))

    assert sparks.of(FIRST)["memory"].now == 20.0
    assert sparks.of(FIRST)["cpu"].points[-1][0] < seconds(source)


def test_a_client_gets_the_lines_of_the_servers_it_uses(source: Source) -> None:
    lines = RecentSparklines(CLIENT_SCOPE).run(source).lines

    assert len(lines) == 10
    assert FIRST in lines
    assert LAST not in lines


@pytest.mark.parametrize("is_known", [False, True], ids=["read anew", "after the agency's"])
def test_a_client_sees_no_point_from_before_it_used_the_server(source: Source, is_known: bool) -> None:
    with source.store.write(ENGINE_SCOPE) as session:
        session.scalars(select(ServerUse).where(ServerUse.server_id == FIRST)).one().since = source.now
    known = anew(source) if is_known else None
    observe(source, FIRST, seconds(source) + 30, cpu=77.0)

    lines = RecentSparklines(CLIENT_SCOPE, known).run(later(source, minutes=1))

    assert [value for _at, value in lines.of(FIRST)["cpu"].points] == [77.0]
    assert len(lines.of(SECOND)["cpu"].points) > 1


def test_a_server_that_is_gone_loses_its_line(source: Source) -> None:
    before = anew(source)
    with source.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, FIRST)).gone_at = source.now

    assert FIRST not in RecentSparklines(AGENCY_SCOPE, before).run(source).lines
