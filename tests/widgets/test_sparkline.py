"""The polyline of a sparkline: in its box, with its peaks, no more points than can be seen."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF

from widgets.sparkline import STEP, polyline

WIDTH, HEIGHT = 52, 16


def drawn(*points: tuple[int, float]) -> list[tuple[float, float]]:
    shape = polyline(points, WIDTH, HEIGHT)
    corners: list[QPointF] = [shape.at(at) for at in range(shape.size())]
    return [(point.x(), point.y()) for point in corners]


def test_the_line_fills_its_box_from_left_to_right() -> None:
    assert drawn((60, 0.0), (120, 50.0), (180, 100.0)) == [(0, 16), (26, 8), (52, 0)]


def test_more_points_than_pixels_keep_their_peaks() -> None:
    points = drawn(*((at, 90.0 if at == 3333 else 10.0) for at in range(7200)))

    assert len(points) <= WIDTH // STEP + 1
    assert min(y for _x, y in points) == HEIGHT - 90 * HEIGHT / 100
    assert (points[0][0], points[-1][0]) == (0, WIDTH)


def test_what_was_not_observed_is_left_out_and_a_single_point_is_no_line() -> None:
    assert len(drawn((0, 1.0), (60, math.nan), (120, 3.0))) == 2
    assert drawn((0, 1.0), (60, math.nan)) == []
    assert drawn((0, math.nan)) == drawn() == []


def test_above_a_hundred_the_highest_is_the_scale() -> None:
    assert [y for _x, y in drawn((0, 100.0), (60, 400.0))] == [12, 0]


def test_a_line_without_any_time_is_one_point() -> None:
    assert len(drawn((60, 1.0), (60, 2.0))) == 1
