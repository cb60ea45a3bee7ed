"""What a client owns of its mail: domains, and the server that carries each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.schema.base import Base, UtcTime


class Domain(Base):
    """A mail domain of one client; two clients of one server never see each other's."""

    __tablename__ = "domain"
    __table_args__ = (
        UniqueConstraint("tenant_id", "name"),
        ForeignKeyConstraint(["server_tenant_id", "server_id"], ["server.tenant_id", "server.id"]),
    )
    announced_as = "domains"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(253))
    server_tenant_id: Mapped[UUID | None] = mapped_column(Uuid)
    server_id: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
