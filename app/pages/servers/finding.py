"""What search finds of servers: by name and by address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.shell.places import Found
from backend.core.present.text import N_
from backend.servers.queries import ServerRow, Servers

if TYPE_CHECKING:
    from app.shell.session.services import Services


class ServerFinding:
    """A :class:`app.shell.places.Finding`."""

    kind = "server"
    title = N_("Server")

    def query(self, services: Services) -> Servers:
        return Servers(services.view.scope())

    def found(self, rows: tuple[ServerRow, ...]) -> Iterator[Found]:
        return (Found(row.id, f"{row.name} {row.address or ''}".strip()) for row in rows)


FINDING = ServerFinding()
