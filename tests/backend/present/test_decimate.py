"""Fewer points, the same picture."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.present.decimate import gaps, min_max, with_gaps

VALUES = st.floats(-1e6, 1e6)


def test_a_single_spike_survives() -> None:
    times = np.arange(10_000.0)
    values = np.zeros(10_000)
    values[4321] = 99.0

    _kept_times, kept = min_max(times, values, start=0, end=10_000, columns=100)

    assert kept.max() == 99.0
    assert len(kept) <= 2 * 101


@settings(max_examples=60, deadline=None)
@given(values=st.lists(VALUES, min_size=50, max_size=400), columns=st.integers(1, 20))
def test_lowest_and_highest_are_kept_and_order_too(values: list[float], columns: int) -> None:
    times, data = np.arange(float(len(values))), np.array(values)

    kept_times, kept = min_max(times, data, start=0, end=len(values), columns=columns)

    assert kept.min() == data.min()
    assert kept.max() == data.max()
    assert (np.diff(kept_times) >= 0).all()
    assert len(kept) <= max(2 * (columns + 1), len(values) if len(values) <= 2 * columns else 0)


def test_short_series_come_back_as_they_are() -> None:
    times, values = np.array([1.0, 2.0, 3.0]), np.array([5.0, np.nan, 7.0])

    kept_times, kept = min_max(times, values, start=0, end=10, columns=300)

    assert kept_times.tolist() == [1.0, 2.0, 3.0]
    assert np.isnan(kept[1])


def test_one_point_beyond_each_edge_is_kept() -> None:
    times = np.arange(100.0)

    kept_times, _kept = min_max(times, times, start=40.5, end=60.5, columns=500)

    assert (kept_times[0], kept_times[-1]) == (40.0, 61.0)


def test_a_wide_gap_is_still_a_gap_after_decimation() -> None:
    """Ten samples a second, an hour unobserved in the middle: no line may cross the hour."""
    first, second = np.arange(0, 3600, 0.1), np.arange(7200, 10_800, 0.1)
    times, values = with_gaps(np.concatenate([first, second]), np.ones(len(first) + len(second)), 1.0)

    kept_times, kept = min_max(times, values, start=0, end=10_800, columns=500)

    assert len(kept) < 2000
    before, after = kept_times < 3700, kept_times > 7100
    between = kept[np.flatnonzero(before)[-1] : np.flatnonzero(after)[0] + 1]
    assert np.isnan(between).any()


def test_a_gap_within_one_column_does_not_hide_its_values() -> None:
    values = np.ones(10_000)
    values[::50] = np.nan

    _times, kept = min_max(np.arange(10_000.0), values, start=0, end=10_000, columns=10)

    assert np.nanmax(kept) == 1.0
    assert not np.isnan(kept).all()


def test_an_empty_view_is_no_division_by_zero() -> None:
    times = np.arange(100.0)

    kept_times, _kept = min_max(times, times, start=50, end=50, columns=1)

    assert 50.0 in kept_times


def test_gaps_are_spans_longer_than_allowed() -> None:
    times = np.array([0.0, 1.0, 2.0, 9.0, 10.0])

    assert gaps(times, 2.0) == [(2.0, 9.0)]
    assert gaps(times, 10.0) == []
    joined, values = with_gaps(times, np.ones(5), 2.0)
    assert joined.tolist() == [0.0, 1.0, 2.0, 4.0, 9.0, 10.0]
    assert np.isnan(values[3])


def test_numpy_is_not_loaded_before_it_is_needed() -> None:
    script = "import sys, backend.core.present.decimate; sys.exit('numpy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
