"""All tables, layer-first: one database, one migration history. Private to the backend."""

from backend.store.schema import fleet, holdings, mail, observations, operations
from backend.store.schema.base import Base

__all__ = ["Base", "fleet", "holdings", "mail", "observations", "operations"]
