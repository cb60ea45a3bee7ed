"""The command of OpenSSH for a person at a terminal: to a pinned host key, and to no other.

Options as ssh_config(5) of OpenSSH 9 has them; ``KnownHostsCommand`` came with 8.5.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.ssh.session import Login

SSH_PORT = 22


@dataclass(frozen=True)
class Files:
    """Where the key and the pinned host keys of one call lie."""

    key: str
    known_hosts: str


def known_hosts(login: Login) -> str:
    """The lines of a known_hosts file for this login alone."""
    name = login.address if login.port == SSH_PORT else f"[{login.address}]:{login.port}"
    return "".join(f"{name} {key.strip()}\n" for key in login.host_keys)


def with_files(login: Login, files: Files, *, forget_key: Sequence[str] = ()) -> Sequence[str]:
    """The arguments of ``ssh`` with our key; ``forget_key`` is what ssh runs here as soon as it is let in."""
    options = [
        "IdentitiesOnly=yes",
        f"IdentityFile={_quoted(files.key)}",
        f"UserKnownHostsFile={_quoted(files.known_hosts)}",
        "GlobalKnownHostsFile=none",
        "StrictHostKeyChecking=yes",
        "ForwardAgent=no",
    ]
    if forget_key:
        options += ["PermitLocalCommand=yes", f"LocalCommand={shlex.join(forget_key)}"]
    return ("ssh", "-F", "none", *(part for each in options for part in ("-o", each)), *_target(login))


def for_own_keys(login: Login) -> str:
    """One line for a shell: the person's own keys, our pinned host key, no file."""
    pinned = f"KnownHostsCommand=/bin/echo {known_hosts(login).splitlines()[0]}"
    options = (pinned, "UserKnownHostsFile=none", "GlobalKnownHostsFile=none", "StrictHostKeyChecking=yes")
    return shlex.join(["ssh", *(part for each in options for part in ("-o", each)), *_target(login)])


def _target(login: Login) -> Sequence[str]:
    port = () if login.port == SSH_PORT else ("-p", str(login.port))
    return (*port, f"{login.user}@{login.address}")


def _quoted(path: str) -> str:
    """As ssh_config reads a word with blanks; a percent sign would be a token."""
    return '"' + path.replace("%", "%%") + '"'
