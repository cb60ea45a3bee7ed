"""Key pairs for the lab's hosts and those who log in to them."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class KeyPair:
    """Ed25519, in OpenSSH's forms; ``public`` without a comment."""

    private: str
    public: str


def new_key_pair() -> KeyPair:
    """Made by ssh-keygen."""
    with tempfile.TemporaryDirectory(prefix="mailyard-key-") as folder:
        path = Path(folder) / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
        return KeyPair(path.read_text(), " ".join(Path(f"{path}.pub").read_text().split()[:2]))
