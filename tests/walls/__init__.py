"""Walls that every running test stands within: the network, the thread of Qt, what Qt leaves behind, and skips."""
