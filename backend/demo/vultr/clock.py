"""Moments as the service writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp() -> str:
    """Now, with the zone as ``+00:00``."""
    return datetime.now(UTC).isoformat(timespec="seconds")
