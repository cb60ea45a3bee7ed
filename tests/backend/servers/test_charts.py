"""What charts show of a server: how fine, how far back, what was not observed and why, and what stands in for live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import select

from backend.bootstrap import Installation
from backend.core.checks import Verdict
from backend.core.present.decimate import Gap
from backend.core.present.message import Message
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.metrics import SERVER_METRICS, server_series
from backend.fleet.verdicts import record_verdict
from backend.servers.charts.live_view import live_view
from backend.servers.charts.queries import ChartSeries, HistorySeries
from backend.servers.charts.resampling import means_of, step_for
from backend.store.query import Source
from backend.store.rollups import DAY, HOUR
from backend.store.schema.fleet import ServerUse
from backend.store.scope import ENGINE_SCOPE
from tests.backend.servers.fleet import AGENCY_SCOPE, CLIENT_SCOPE, fill
from tests.installation import open_installation

FIRST = UUID(int=1)
EVERY_S = 300
NOW = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
AT = int(NOW.timestamp())


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Installation]:
    """One server without samples."""
    installation = open_installation(tmp_path)
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    fill(installation, 1, samples=0)
    yield installation
    installation.close()


def sampled(fleet: Installation, since: int, until: int, cpu: float = 20.0) -> None:
    key, values = server_series(FIRST), {"cpu": cpu, "memory": 40.0, "disk": 20.0}
    fleet.metrics.add_many(ENGINE_SCOPE, [(key, at, values) for at in range(since, until, EVERY_S)])


def said(fleet: Installation, word: str, why: Message, at: int) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        moment = datetime.fromtimestamp(at, UTC)
        record_verdict(session, server_subject(FIRST), SERVER_SAMPLE, Verdict(word, why), moment)


def history(fleet: Installation, seconds: int, until: int | None = None, step_s: int | None = None) -> ChartSeries:
    source = Source(fleet.store, fleet.metrics, NOW)
    return HistorySeries(AGENCY_SCOPE, FIRST, seconds, until, step_s).run(source)


@pytest.mark.parametrize(("days", "step_s"), [(1, 0), (7, 0), (30, HOUR), (90, DAY), (700, DAY)], ids=str)
def test_the_longer_the_range_the_more_a_value_sums_up(days: int, step_s: int) -> None:
    assert step_for(days * DAY) == step_s


def test_ninety_days_are_daily_means_under_their_p95(fleet: Installation) -> None:
    midnight = AT - AT % DAY
    sampled(fleet, midnight - 60 * DAY, AT)
    sampled(fleet, midnight - 61 * DAY, midnight - 60 * DAY, cpu=90.0)

    shown = history(fleet, 90 * DAY)

    assert shown.step_s == DAY
    assert len(shown.times) == 62
    assert (shown.values["cpu"][0], shown.p95["cpu"][0], shown.values["cpu"][1]) == pytest.approx((90, 90, 20))
    assert shown.since == midnight - 61 * DAY  # nothing is missed before the first of all samples
    assert shown.gaps == ()


@pytest.mark.parametrize(("days", "first"), [(1, AT - 10 * HOUR), (30, AT - AT % HOUR - 9 * HOUR)], ids=str)
def test_a_client_sees_nothing_from_before_it_used_the_server(fleet: Installation, days: int, first: int) -> None:
    """Nor a mean that holds some of it."""
    sampled(fleet, AT - 20 * DAY, AT)
    with fleet.store.write(ENGINE_SCOPE) as session:
        use = session.scalars(select(ServerUse)).one()
        use.since = NOW - timedelta(hours=10)

    source = Source(fleet.store, fleet.metrics, NOW)
    shown = HistorySeries(CLIENT_SCOPE, FIRST, days * DAY).run(source)

    assert shown.since == first
    assert int(shown.times[0]) - first in range(HOUR)
    assert shown.gaps == ()


def test_packed_days_and_the_ones_of_today_are_one_line(fleet: Installation) -> None:
    sampled(fleet, AT - 20 * DAY, AT)
    before = history(fleet, 90 * DAY)
    fleet.metrics.compact(ENGINE_SCOPE, NOW, (SERVER_METRICS,))

    after = history(fleet, 90 * DAY)

    np.testing.assert_allclose(after.values["cpu"], before.values["cpu"])
    np.testing.assert_allclose(after.p95["cpu"], before.p95["cpu"])
    np.testing.assert_allclose(after.times, before.times)


def test_where_samples_are_kept_no_longer_their_rollups_go_on(fleet: Installation) -> None:
    sampled(fleet, AT - 120 * DAY, AT - 110 * DAY)
    fleet.metrics.compact(ENGINE_SCOPE, NOW - timedelta(days=60), (SERVER_METRICS,))
    sampled(fleet, AT - 10 * DAY, AT)
    fleet.metrics.compact(ENGINE_SCOPE, NOW, (SERVER_METRICS,))

    months, week = history(fleet, 130 * DAY), history(fleet, 7 * DAY, AT - 112 * DAY)

    assert len(months.times) == 22
    assert [round((gap.until - gap.since) / DAY) for gap in months.gaps] == [100]
    assert (week.step_s, len(week.times)) == (HOUR, 7 * 24 + 1)


def test_a_gap_says_what_the_check_said_meanwhile(fleet: Installation) -> None:
    sampled(fleet, AT - 3 * DAY, AT - 2 * DAY)
    said(fleet, "critical", Message.said("mx0 does not answer over SSH."), AT - 2 * DAY + 320)
    sampled(fleet, AT - DAY, AT)
    said(fleet, "ok", Message(), AT - DAY)

    (gap,) = history(fleet, 7 * DAY).gaps

    assert gap.why == "mx0 does not answer over SSH."
    assert (gap.since, gap.until) == (AT - 2 * DAY - EVERY_S, AT - DAY)


def test_a_threshold_that_held_before_explains_no_gap(fleet: Installation) -> None:
    sampled(fleet, AT - 3 * DAY, AT - 2 * DAY, cpu=88.0)
    said(fleet, "warning", Message("CPU over {limit} %", {"limit": 80}), AT - 2 * DAY - 600)
    sampled(fleet, AT - DAY, AT)

    (gap,) = history(fleet, 7 * DAY).gaps

    assert gap.why == "no check ran"


def test_who_is_silent_now_is_not_observed_since(fleet: Installation) -> None:
    sampled(fleet, AT - DAY, AT - 2 * HOUR)
    said(fleet, "inconclusive", Message("no data in the last 30 minutes"), AT - HOUR)

    (gap,) = history(fleet, DAY).gaps

    assert gap == Gap(AT - 2 * HOUR - EVERY_S, AT, "no data in the last 30 minutes")


def test_a_silence_that_began_before_the_range_is_told_from_where_it_began(fleet: Installation) -> None:
    sampled(fleet, AT - 5 * DAY, AT - 3 * DAY)
    said(fleet, "critical", Message.said("mx0 does not answer over SSH."), AT - 3 * DAY)

    (gap,) = history(fleet, DAY).gaps

    assert gap == Gap(AT - 3 * DAY, AT, "mx0 does not answer over SSH.")


def test_the_newest_value_is_of_samples_also_where_means_are_shown(fleet: Installation) -> None:
    sampled(fleet, AT - 20 * DAY, AT - EVERY_S)
    key = server_series(FIRST)
    fleet.metrics.add(ENGINE_SCOPE, key, AT - 10, {"memory": 71.0})  # after a start there are no rates yet

    shown = history(fleet, 30 * DAY)

    assert shown.newest == {
        "memory": (AT - 10, 71.0),
        "cpu": (AT - 2 * EVERY_S, 20.0),
        "disk": (AT - 2 * EVERY_S, 20.0),
    }


def test_nothing_was_ever_observed(fleet: Installation) -> None:
    shown = history(fleet, DAY)

    assert len(shown.times) == 0
    assert shown.gaps == (Gap(AT - DAY, AT, "no check ran"),)


def test_means_of_hours_that_are_not_whole() -> None:
    times = np.array([0, 300, 3600, 9000], dtype=np.int64)
    values = {"cpu": np.array([10.0, 30.0, np.nan, 5.0])}

    means = means_of(times, values, HOUR)

    assert means.times.tolist() == [150, 3600, 9000]
    np.testing.assert_allclose(means.values["cpu"], [20, np.nan, 5])
    np.testing.assert_allclose(means.p95["cpu"], [29, np.nan, 5])


def series(times: list[int], cpu: float, **more: object) -> ChartSeries:
    return ChartSeries(np.array(times), {"cpu": np.full(len(times), cpu)}, **more)  # type: ignore[arg-type]


def test_before_the_first_live_sample_those_of_every_five_minutes_stand_in() -> None:
    before = series([100, 400, 700], 20.0, since=0.0)

    waiting = live_view(series([], 0), before, 900)
    coming = live_view(series([898, 899], 17.0), before, 900)

    assert waiting.times.tolist() == [100, 400, 700]
    assert waiting.gaps == ()
    assert coming.times.tolist() == [100, 400, 700, 898, 899]
    assert coming.values["cpu"].tolist() == [20, 20, 20, 17, 17]
    assert coming.gaps == ()


def test_a_sample_between_live_ones_is_left_out_and_one_in_a_live_gap_joins_its_ends() -> None:
    live = series([*range(60), *range(500, 560)], 17.0)
    before = series([30, 300, 530], 20.0, since=0.0)

    shown = live_view(live, before, 560)

    assert shown.times.tolist() == [*range(60), 300, *range(500, 560)]
    assert shown.gaps == ()
    assert live_view(live, series([30], 20.0, since=0.0), 560).gaps == (Gap(59, 500),)


def test_where_nothing_is_observed_the_live_view_is_a_gap_with_its_reason() -> None:
    silent = (Gap(700.0, 3000.0, "does not answer over SSH"),)

    never = live_view(series([], 0), series([], 0, since=1500.0, gaps=silent), 3001)
    stopped = live_view(series([2900], 17.0), series([], 0, since=2900.0, gaps=silent), 3001)

    assert never.gaps == (Gap(700, 3001, "does not answer over SSH"),)
    assert stopped.gaps == (Gap(2900, 3001, "does not answer over SSH"),)


def test_who_fell_silent_hours_ago_is_not_observed_since_then_in_the_live_view() -> None:
    before = series([100, 400], 20.0, since=0.0, gaps=(Gap(400.0, 9000.0, "does not answer over SSH"),))

    shown = live_view(series([], 0), before, 9001)

    assert shown.times.tolist() == [400]
    assert shown.gaps == (Gap(400, 9001, "does not answer over SSH"),)
    assert shown.since == 9001 - 1500
