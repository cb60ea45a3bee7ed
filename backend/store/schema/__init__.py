"""All tables, layer-first: one database, one migration history. Private to the backend."""

from backend.store.schema import fleet, mail, observations, operations, resources
from backend.store.schema.base import Base

__all__ = ["Base", "fleet", "mail", "observations", "operations", "resources", "tables"]


def tables() -> tuple[type[Base], ...]:
    """Every table, by name."""
    return tuple(sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda table: table.__name__))
