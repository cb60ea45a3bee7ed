"""Tests of the overview: what it finds, in which order, for whom."""
