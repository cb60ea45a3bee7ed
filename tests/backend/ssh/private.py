"""Private keys as the SSH library has them."""

from __future__ import annotations

import io

import paramiko

from backend.core.ssh.keys import KeyPair


def server_key(pair: KeyPair) -> paramiko.PKey:
    return paramiko.Ed25519Key.from_private_key(io.StringIO(pair.private.reveal()))
