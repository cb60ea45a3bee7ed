"""Samples of every server, and live ones of those somebody watches."""
