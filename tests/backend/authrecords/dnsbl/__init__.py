"""Blocklists, asked over a name server on loopback."""
