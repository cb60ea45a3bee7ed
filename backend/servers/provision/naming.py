"""Ids and names that follow from an order, so that a run after a kill finds what the run before it made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from backend.core.secrets.values import SecretRef
from backend.store.scope import AGENCY


def server_id_of(wish: Mapping[str, Any]) -> UUID:
    """The id of the server an order makes; the client that writes the wish chooses ``order_id`` freshly."""
    return uuid5(NAMESPACE_URL, f"mailyard:server:{wish['order_id']}")


def login_ref(server_id: UUID) -> SecretRef:
    """Where the server's own SSH login key lies."""
    return SecretRef(f"vps/{AGENCY}/{server_id}/admin_ssh")


def contact_ref(server_id: UUID) -> SecretRef:
    """Where the host key of the first contact lies until it is replaced."""
    return SecretRef(f"vps/{AGENCY}/{server_id}/first_contact")


def nonce_ref(server_id: UUID) -> SecretRef:
    """Where the nonce lies that the machine must show."""
    return SecretRef(f"vps/{AGENCY}/{server_id}/nonce")


def key_name(server_id: UUID) -> str:
    """The login key's name at the provider."""
    return f"mailyard-{server_id}"
