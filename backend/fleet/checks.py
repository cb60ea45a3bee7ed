"""The check of a server that provisioning and monitoring both write, and servers as subjects."""

from __future__ import annotations

from uuid import UUID

from backend.core.checks import SERVER, CheckKind, Subject
from backend.core.present.text import N_
from backend.store.scope import AGENCY

SERVER_SAMPLE = CheckKind("server.sample", N_("Samples"), SERVER, counts_for_health=True, names_itself=True)


def server_subject(server_id: UUID) -> Subject:
    """A server, which is the agency's."""
    return Subject(SERVER, AGENCY, server_id)
