"""What search finds of mail: domains by their name, their other names, and the client they are for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.shell.places import Found
from backend.core.present.text import N_
from backend.mail.queries import DomainRow, Domains

if TYPE_CHECKING:
    from app.shell.session.services import Services


class DomainFinding:
    """A :class:`app.shell.places.Finding`."""

    kind = "domain"
    title = N_("Mail domain")

    def query(self, services: Services) -> Domains:
        return Domains(services.view.scope())

    def found(self, rows: tuple[DomainRow, ...]) -> Iterator[Found]:
        return (Found(row.id, " ".join((row.name, *row.alternatives, row.workspace))) for row in rows)


FINDING = DomainFinding()
