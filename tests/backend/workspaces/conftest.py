"""The store's own fixtures: workspaces are rows."""

from __future__ import annotations

from tests.backend.store.conftest import address, any_store, folder, open_store

__all__ = ["address", "any_store", "folder", "open_store"]
