"""The store's own fixtures: upkeep is of the store."""

from __future__ import annotations

from tests.backend.store.conftest import address, any_store, folder, open_store, sqlite_store

__all__ = ["address", "any_store", "folder", "open_store", "sqlite_store"]
