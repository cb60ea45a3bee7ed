"""Moments as the service writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp() -> str:
    """Now in UTC, which the service does not say."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
