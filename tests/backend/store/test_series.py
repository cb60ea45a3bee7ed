"""Packing: what goes in comes out, whatever the values, gaps, lengths and versions."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.checks import DOMAIN, SERVER
from backend.core.metrics import Metric, MetricGroup
from backend.fleet.metrics import SERVER_METRICS
from backend.store.series import SHAPE, DamagedBlock, Layout, layout_of

METRICS = SERVER_METRICS.metrics
LAYOUT = layout_of(SERVER_METRICS)
MORE = Layout(MetricGroup("server", SERVER, (*METRICS, Metric("temperature", "°C", 0.5))))
pack_day, pack_row, unpack_day, unpack_rows = LAYOUT.pack_day, LAYOUT.pack_row, LAYOUT.unpack_day, LAYOUT.unpack_rows

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


@pytest.mark.parametrize("value", [1e300, -1e300, 1.7e308, 2.0**62, -(2.0**62)])
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
def one_metric_more() -> tuple[bytes, bytes]:
    """A row and a day written before a metric was appended, for the program that knows it."""
    row = pack_row({"cpu": 12.5, "queue": 7})
    return row, pack_day([100], [row])


def test_rows_and_days_written_before_a_metric_was_appended_show_a_gap_there(
    one_metric_more: tuple[bytes, bytes],
) -> None:
    row, day = one_metric_more
    for values in (MORE.unpack_rows([row]), MORE.unpack_day(day)[1]):
        assert values.shape == (1, len(METRICS) + 1)
        assert values[0, KEYS.index("cpu")] == 12.5
        assert np.isnan(values[0, -1])


def test_rows_of_both_widths_are_read_and_packed_together(one_metric_more: tuple[bytes, bytes]) -> None:
    """The day on which the program was upgraded."""
    old, _day = one_metric_more
    new = MORE.pack_row({"cpu": 13.5, "temperature": 41.5})
    _times, packed = MORE.unpack_day(MORE.pack_day([100, 200], [old, new]))
    for values in (MORE.unpack_rows([old, new]), packed):
        np.testing.assert_array_equal(values[:, KEYS.index("cpu")], [12.5, 13.5])
        np.testing.assert_array_equal(values[:, -1], [nan, 41.5])


def test_what_a_later_version_measured_more_is_left_out() -> None:
    row = MORE.pack_row({"cpu": 12.5, "temperature": 41.5})
    day = MORE.pack_day([100], [row])
    for values in (unpack_rows([row]), unpack_day(day)[1]):
        assert values.shape == (1, len(METRICS))
        assert values[0, KEYS.index("cpu")] == 12.5


def test_a_metric_that_is_measured_no_longer_keeps_its_place_and_its_past() -> None:
    retired = tuple(replace(metric, is_retired=metric.key == "memory") for metric in METRICS)
    later = MetricGroup("server", SERVER, retired)
    day = pack_day([100], [pack_row({"cpu": 12.5, "memory": 40.0, "disk": 7.5})])

    _times, values = layout_of(later).unpack_day(day)

    assert [values[0, KEYS.index(key)] for key in ("cpu", "memory", "disk")] == [12.5, 40.0, 7.5]
    assert [metric.key for metric in later.current] == [key for key in KEYS if key != "memory"]


COUNTED = MetricGroup("plants", DOMAIN, (Metric("leaves", "leaves", 1.0, "counter"), Metric("warmth", "°C", 0.1)))


def test_less_than_none_is_no_count_but_a_level() -> None:
    """What counts began anew; the same where a past is written at once."""
    layout = layout_of(COUNTED)
    rows = [layout.pack_row({"leaves": leaves, "warmth": -4.5}) for leaves in (0.0, 3.0, -1.0)]
    table = layout.table_of({"leaves": np.array([0.0, 3.0, -1.0]), "warmth": np.full(3, -4.5)}, 3)
    for values in (layout.unpack_rows(rows), layout.in_units(table)):
        np.testing.assert_array_equal(values, [[0.0, -4.5], [3.0, -4.5], [nan, -4.5]])


WHOLE_DAY = pack_day([10, 20, 30], [pack_row({"cpu": value}) for value in (1.0, 2.0, 3.0)])
DAMAGES: dict[str, bytes] = {
    "nothing": b"",
    "no block at all": b"<html>" * 20,
    "cut in the middle": WHOLE_DAY[: len(WHOLE_DAY) // 2],
    "cut at its end": WHOLE_DAY[:-1],
    "a bit that turned": WHOLE_DAY[:15] + bytes([WHOLE_DAY[15] ^ 1]) + WHOLE_DAY[16:],
    "a block without a shape": zlib.compress(b"abc"),
    "a block without its times": zlib.compress(SHAPE.pack(0, 0)),
    "fewer bytes than its shape says": zlib.compress(SHAPE.pack(13, 3) + bytes(13 * 3 * 8 - 1)),
    "more bytes than its shape says": zlib.compress(SHAPE.pack(1, 1) + bytes(16)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_day_is_said_to_be_one(damage: str) -> None:
    with pytest.raises(DamagedBlock):
        unpack_day(DAMAGES[damage])


@given(st.binary(max_size=200))
def test_whatever_is_read_as_a_row_is_a_row(found: bytes) -> None:
    """Only whole figures count of one that was cut."""
    values = unpack_rows([found, pack_row({"cpu": 1.5})])
    assert values.shape == (2, len(METRICS))
    assert values[1, 0] == 1.5
    assert np.isnan(values[0, len(found) // 8 :]).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: MetricGroup("plants", "plant", COUNTED.metrics),
        lambda: MetricGroup("plants", DOMAIN, ()),
        lambda: MetricGroup("", DOMAIN, COUNTED.metrics),
        lambda: MetricGroup("p" * 61, DOMAIN, COUNTED.metrics),
        lambda: MetricGroup("plants", DOMAIN, (*COUNTED.metrics, Metric("leaves", "", 1.0))),
        lambda: Metric("leaves", "leaves", 0.0),
        lambda: Metric("leaves", "leaves", 1.0, "ratio"),
    ],
)
def test_what_is_no_group_of_metrics_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"no (group of metrics|metric): "):
        wrong()
