"""The user-data of a new server: our login key, a host key for the first contact only, and a nonce to read back."""

from __future__ import annotations

import json
from dataclasses import dataclass

from backend.core.secrets.values import Secret

NONCE_PATH = "/var/lib/mailyard/nonce"


@dataclass(frozen=True)
class FirstBoot:
    """What only the new machine and we know. ``host_private`` is thrown away after the first login."""

    host_name: str
    login_public: str
    host_private: Secret
    host_public: str
    nonce: Secret

    def user_data(self) -> Secret:
        """A cloud-config document (cloud-init's own form); JSON, which is YAML too, so nothing needs quoting."""
        config = {
            **lasting_config(self.host_name),
            "ssh_deletekeys": True,
            "ssh_genkeytypes": ["ed25519"],
            "ssh_keys": {
                "ed25519_private": self.host_private.reveal(),
                "ed25519_public": f"{self.host_public} mailyard-first-contact",
            },
            "users": [{"name": "root", "lock_passwd": True, "ssh_authorized_keys": [f"{self.login_public} mailyard"]}],
            "write_files": [{"path": NONCE_PATH, "permissions": "0600", "content": self.nonce.reveal()}],
        }
        return Secret(_document(config))


def lasting_user_data(host_name: str) -> str:
    """What may stay on the machine of its user-data: all but keys and nonce."""
    return _document(lasting_config(host_name))


def lasting_config(host_name: str) -> dict[str, object]:
    """The part that cloud-init applies at every boot."""
    return {
        "hostname": host_name.split(".")[0],
        "fqdn": host_name,
        "preserve_hostname": False,
        "manage_etc_hosts": True,
        "disable_root": False,
        "ssh_pwauth": False,
    }


def _document(config: dict[str, object]) -> str:
    return "#cloud-config\n" + json.dumps(config, indent=1) + "\n"
