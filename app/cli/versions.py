"""Which version of Mailyard this is."""

from __future__ import annotations


def version_of_ours() -> str:
    """As the package was installed."""
    from importlib import metadata

    return metadata.version("mailyard")
