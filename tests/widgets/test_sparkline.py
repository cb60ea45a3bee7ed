"""The lines of a sparkline: in its box, with its peaks, no more of them than pixels."""

from __future__ import annotations

import math

from widgets.sparkline import spark_lines

WIDTH, HEIGHT = 52, 16


def test_the_line_fills_its_box_from_left_to_right() -> None:
    lines = spark_lines(((60, 0.0), (120, 50.0), (180, 100.0)), WIDTH, HEIGHT)

    assert [(line.x1(), line.y1(), line.x2(), line.y2()) for line in lines] == [(0, 16, 26, 8), (26, 8, 52, 0)]


def test_more_points_than_pixels_keep_their_peaks() -> None:
    points = tuple((at, 90.0 if at == 3333 else 10.0) for at in range(7200))

    lines = spark_lines(points, WIDTH, HEIGHT)

    assert len(lines) <= WIDTH
    assert min(line.y2() for line in lines) == HEIGHT - 90 * HEIGHT / 100
    assert lines[-1].x2() == WIDTH


def test_what_was_not_observed_is_left_out_and_a_single_point_is_no_line() -> None:
    assert len(spark_lines(((0, 1.0), (60, math.nan), (120, 3.0)), WIDTH, HEIGHT)) == 1
    assert spark_lines(((0, 1.0), (60, math.nan)), WIDTH, HEIGHT) == ()
    assert spark_lines(((0, math.nan),), WIDTH, HEIGHT) == ()


def test_above_a_hundred_the_highest_is_the_scale() -> None:
    (line,) = spark_lines(((0, 100.0), (60, 400.0)), WIDTH, HEIGHT)

    assert (line.y1(), line.y2()) == (12, 0)
