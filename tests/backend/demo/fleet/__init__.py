"""Tests of the demo fleet: its hosts, its clouds, and the past it is given."""
