"""The lines of a sparkline: in their box, at a scale of their own, with their peaks, open where nobody looked."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPointF

from widgets.sparkline import FLOOR, STEP, polylines

WIDTH, HEIGHT = 52, 16


def drawn(*points: tuple[int, float]) -> list[list[tuple[float, float]]]:
    found = []
    for shape in polylines(points, WIDTH, HEIGHT):
        corners: list[QPointF] = [shape.at(at) for at in range(shape.size())]
        found.append([(point.x(), point.y()) for point in corners])
    return found


def test_the_line_fills_its_box_from_left_to_right_and_from_its_lowest_to_its_highest() -> None:
    assert drawn((60, 30.0), (120, 50.0), (180, 70.0)) == [[(0, 16), (26, 8), (52, 0)]]


def test_eight_and_twenty_percent_are_told_apart() -> None:
    (line,) = drawn((0, 8.0), (60, 20.0), (120, 8.0))

    heights = [y for _x, y in line]
    assert max(heights) - min(heights) > HEIGHT / 2


def test_noise_is_no_storm_and_a_flat_line_stands_in_the_middle_of_its_row() -> None:
    (flat,), (noisy,) = drawn((0, 86.0), (60, 86.0)), drawn((0, 50.0), (60, 51.0))

    assert {y for _x, y in flat} == {HEIGHT / 2}
    assert max(y for _x, y in noisy) - min(y for _x, y in noisy) == pytest.approx(HEIGHT / FLOOR)


def test_more_points_than_pixels_keep_their_peaks() -> None:
    (points,) = drawn(*((at, 90.0 if at == 3333 else 10.0) for at in range(7200)))

    assert len(points) <= WIDTH // STEP + 1
    assert min(y for _x, y in points) == 0
    assert (points[0][0], points[-1][0]) == pytest.approx((0, WIDTH))


def test_no_line_crosses_what_was_not_observed() -> None:
    bridged = drawn((0, 1.0), (60, 1.0), (120, math.nan), (180, 3.0), (240, 3.0))
    late = drawn((0, 1.0), (60, 1.0), (120, 1.0), (600, 3.0), (660, 3.0))

    assert [len(line) for line in bridged] == [2, 2]
    assert [len(line) for line in late] == [3, 2]
    assert late[1][-1][0] == pytest.approx(WIDTH)


def test_a_single_point_is_no_line() -> None:
    assert drawn((0, 1.0), (60, math.nan)) == []
    assert drawn((0, math.nan)) == drawn() == []
    assert drawn((60, 1.0), (60, 2.0)) == []
