"""Walls that every running test stands within: the network, what Qt leaves behind, and skips."""
