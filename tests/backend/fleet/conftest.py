"""Stores of each kind, as the tests of the store have them."""

from tests.backend.store.conftest import address, any_store, folder, open_store, sqlite_store

__all__ = ["address", "any_store", "folder", "open_store", "sqlite_store"]
