"""Ids and names that follow from an order, so that a run after a kill finds what the run before it made."""

from __future__ import annotations

from uuid import UUID, uuid4

from backend.core.secrets.values import SecretRef
from backend.store.scope import AGENCY

#: So many renewals ago a snapshot may be from.
FORMER_KEYS = 4


def login_ref(server_id: UUID) -> SecretRef:
    """Where the server's own SSH login key lies."""
    return SecretRef(f"vps/{AGENCY}/{server_id}/admin_ssh")


def next_login_ref(server_id: UUID) -> SecretRef:
    """Where the key lies that is to replace it, until it has."""
    return SecretRef(f"{login_ref(server_id)}_next")


def former_login_refs(server_id: UUID) -> tuple[SecretRef, ...]:
    """Where those before it lie, the newest first, as long as a snapshot may know no other."""
    return tuple(SecretRef(f"{login_ref(server_id)}_before_{number}") for number in range(1, FORMER_KEYS + 1))


def refs_of(server_id: UUID) -> tuple[SecretRef, ...]:
    """All that is kept for a server itself."""
    keys = (login_ref(server_id), next_login_ref(server_id), *former_login_refs(server_id))
    return (*keys, contact_ref(server_id), nonce_ref(server_id))


def contact_ref(server_id: UUID) -> SecretRef:
    """Where the host key of the first contact lies until it is replaced."""
    return SecretRef(f"vps/{AGENCY}/{server_id}/first_contact")


def nonce_ref(server_id: UUID) -> SecretRef:
    """Where the nonce lies that the machine must show."""
    return SecretRef(f"vps/{AGENCY}/{server_id}/nonce")


def key_name(server_id: UUID) -> str:
    """The login key's name at the provider."""
    return f"mailyard-{server_id}"


def new_order_id() -> str:
    """The id that makes an order's server unique; chosen by the client: a repeated request is the same server."""
    return uuid4().hex
