"""Where the secrets of a mail server lie; the names follow product.md's layout (owner and kind)."""

from __future__ import annotations

from uuid import UUID

from backend.core.secrets.values import SecretRef
from backend.store.scope import AGENCY


def admin_ref(server_id: UUID) -> SecretRef:
    """The password of the administrator's mailbox."""
    return SecretRef(f"smtp/{AGENCY}/{server_id}/admin")


def next_admin_ref(server_id: UUID) -> SecretRef:
    """The password that is to come in its place, while it is being given and proved."""
    return SecretRef(f"smtp/{AGENCY}/{server_id}/admin_next")


def token_ref(server_id: UUID) -> SecretRef:
    """The token of Mailu's API."""
    return SecretRef(f"api_keys/{AGENCY}/{server_id}/mailu")


def next_token_ref(server_id: UUID) -> SecretRef:
    """The token that is to come in its place, while it is being written and proved."""
    return SecretRef(f"api_keys/{AGENCY}/{server_id}/mailu_next")


def secret_key_ref(server_id: UUID) -> SecretRef:
    """What Mailu signs its sessions with."""
    return SecretRef(f"api_keys/{AGENCY}/{server_id}/mailu_secret_key")


def relay_ref(server_id: UUID) -> SecretRef:
    """The password of a smart host that its files named before Mailyard knew them."""
    return SecretRef(f"smtp/{AGENCY}/{server_id}/relay")
