"""Walls that the source stands within; ``python -m tests.architecture`` shows where it does not."""
