"""Packing: what goes in comes out, whatever the values, gaps, lengths and versions."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.store import series
from backend.store.series import METRICS, Metric, pack_day, pack_row, unpack_day, unpack_rows

KEYS = [metric.key for metric in METRICS]
FINITE = st.floats(-1e15, 1e15)
SAMPLES = st.dictionaries(st.sampled_from(KEYS), FINITE)
DAYS = st.lists(st.tuples(st.integers(0, 86_399), SAMPLES), unique_by=lambda sample: sample[0], max_size=60)


def in_steps(sample: dict[str, float]) -> list[float]:
    """What a sample becomes at each metric's resolution; NaN where nothing was measured."""
    return [
        round(sample[metric.key] / metric.step) * metric.step if metric.key in sample else nan for metric in METRICS
    ]


@given(SAMPLES)
def test_a_row_comes_back_at_each_metric_s_resolution(sample: dict[str, float]) -> None:
    (found,) = unpack_rows([pack_row(sample)])
    np.testing.assert_array_equal(found, in_steps(sample))


@given(st.sampled_from(METRICS), st.floats(0, 1e6))
def test_nothing_is_lost_but_half_a_step(metric: Metric, value: float) -> None:
    (found,) = unpack_rows([pack_row({metric.key: value})])
    assert abs(found[KEYS.index(metric.key)] - value) <= metric.step / 2 * (1 + 1e-9)


@settings(max_examples=60)
@given(DAYS)
def test_a_day_comes_back_whole(day: list[tuple[int, dict[str, float]]]) -> None:
    samples = sorted(day, key=lambda sample: sample[0])
    times = [1_772_582_400 + at for at, _sample in samples]
    rows = [pack_row(sample) for _at, sample in samples]
    found_times, found = unpack_day(pack_day(times, rows))
    assert found_times.tolist() == times
    np.testing.assert_array_equal(found, unpack_rows(rows))


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_not_a_number_is_a_gap(value: float) -> None:
    (found,) = unpack_rows([pack_row({"cpu": value, "load": 1.0})])
    assert np.isnan(found[KEYS.index("cpu")])
    assert found[KEYS.index("load")] == 1.0


@pytest.mark.parametrize("value", [1e300, -1e300, 2.0**62, -(2.0**62)])
def test_a_value_beyond_all_bounds_stays_a_number(value: float) -> None:
    times, rows = [10, 20, 30], [pack_row({"network_in": v}) for v in (1.0, value, 2.0)]
    _times, found = unpack_day(pack_day(times, rows))
    column = found[:, KEYS.index("network_in")]
    assert (column[0], np.sign(column[1]), column[2]) == (1.0, np.sign(value), 2.0)
    assert abs(column[1]) > 1e18


def test_nothing_measured_is_a_gap_and_never_zero() -> None:
    (found,) = unpack_rows([pack_row({})])
    assert np.isnan(found).all()


def test_a_sample_each_second_of_the_longest_day_fits() -> None:
    times = list(range(86_401))
    found, values = unpack_day(pack_day(times, [pack_row({"cpu": at % 100}) for at in times]))
    assert (found.tolist(), values.shape) == (times, (86_401, len(METRICS)))


def test_no_samples_are_no_samples() -> None:
    assert unpack_rows([]).shape == (0, len(METRICS))
    times, values = unpack_day(pack_day([], []))
    assert (times.shape, values.shape) == ((0,), (0, len(METRICS)))


@pytest.fixture
def one_metric_more(monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, bytes]:
    """A row and a day written before a metric was appended, read by the program that knows it."""
    row = pack_row({"cpu": 12.5, "queue": 7})
    day = pack_day([100], [row])
    append_metric(monkeypatch)
    return row, day


def append_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    import struct

    more = (*METRICS, Metric("temperature", "°C", 0.5))
    layout = struct.Struct(f"<{len(more)}q")
    monkeypatch.setattr(series, "METRICS", more)
    monkeypatch.setattr(series, "ROW", layout)
    monkeypatch.setattr(series, "EMPTY", layout.pack(*([series.MISSING] * len(more))))


def test_rows_and_days_written_before_a_metric_was_appended_show_a_gap_there(
    one_metric_more: tuple[bytes, bytes],
) -> None:
    row, day = one_metric_more
    for values in (unpack_rows([row]), unpack_day(day)[1]):
        assert values.shape == (1, len(METRICS) + 1)
        assert values[0, KEYS.index("cpu")] == 12.5
        assert np.isnan(values[0, -1])


def test_rows_of_both_widths_are_read_and_packed_together(one_metric_more: tuple[bytes, bytes]) -> None:
    """The day on which the program was upgraded."""
    old, _day = one_metric_more
    new = pack_row({"cpu": 13.5, "temperature": 41.5})
    _times, packed = unpack_day(pack_day([100, 200], [old, new]))
    for values in (unpack_rows([old, new]), packed):
        np.testing.assert_array_equal(values[:, KEYS.index("cpu")], [12.5, 13.5])
        np.testing.assert_array_equal(values[:, -1], [nan, 41.5])


def test_what_a_later_version_measured_more_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        append_metric(later)
        row = pack_row({"cpu": 12.5, "temperature": 41.5})
        day = pack_day([100], [row])
    for values in (unpack_rows([row]), unpack_day(day)[1]):
        assert values.shape == (1, len(METRICS))
        assert values[0, KEYS.index("cpu")] == 12.5
