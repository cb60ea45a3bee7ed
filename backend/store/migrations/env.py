"""Alembic's entry: runs on the connection that :mod:`backend.store.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from backend.store.schema import Base
from backend.store.schema.base import UtcTime


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration never depends on today's code: our types are written as what they are in the database."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
