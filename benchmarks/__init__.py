"""Figures, measured by hand (python -m benchmarks.NAME), each beside a peer or a bare library in the same run."""
