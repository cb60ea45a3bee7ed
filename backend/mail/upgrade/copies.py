"""Copies of what a mail server is, beside it on the same disk: what another version may change, never the mail itself.

Each step is one script that may run again after a kill: what is named without an ending is whole. One at a time has
its turn (:mod:`backend.mail.host.turn`).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.core.errors import BadResponse, Refused
from backend.core.present import format as words
from backend.core.present.text import _
from backend.mail.host import turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.core.ssh.session import SshSession
    from backend.store.schema.mail import MailServer

PLACE = "/var/lib/mailyard/mail-copies"
FOLDERS = ("data", "dkim", "certs", "overrides")
#: Without these a copy is none.
NEEDED = ("data", "dkim")
#: So many are kept; the one that an upgrade goes back to is the newest.
KEPT = 2
#: What the images of another version may need beside the copy, and what always stays free, in bytes.
IMAGES, SPARE = 3_000_000_000, 500_000_000
COPY_S, LOOK_S = 600.0, 60.0


@dataclass(frozen=True)
class Room:
    """In bytes: what a copy takes and the way back as much again, and what is free where it lies. ``odd`` are folders
    that would not be copied whole or could not be put back.
    """

    needed: int
    free: int
    odd: tuple[str, ...] = ()


def files_of(row: MailServer) -> Sequence[str]:
    return (row.env_file, *row.files)


def folders_of(row: MailServer) -> Sequence[str]:
    return [f"{row.root}/{name}" for name in FOLDERS]


def room(ssh: SshSession, row: MailServer) -> Room:
    """:raises BadResponse: the server told something else."""
    there, folders = shlex.join((*folders_of(row), *files_of(row))), shlex.join(folders_of(row))
    needed = shlex.join(f"{row.root}/{name}" for name in NEEDED)
    said = ssh.check(
        f"du -sck {there} 2>/dev/null | tail -n 1; df -k --output=avail /var/lib | tail -n 1; "
        f'for each in {folders}; do ! mountpoint -q "$each" || echo "$each"; done; '
        f'for each in {needed}; do [ -d "$each" ] && [ ! -L "$each" ] || echo "$each"; done',
        timeout_s=LOOK_S,
    )
    lines = said.splitlines()
    try:
        size, free = (int(line.split()[0]) * 1024 for line in lines[:2])
    except (ValueError, IndexError) as error:
        raise BadResponse(_("The server did not tell how much room it has."), detail=said[:200]) from error
    return Room(2 * size, free, tuple(lines[2:]))


def check_room(found: Room, *, more: int = 0) -> None:
    """:raises Refused: a copy, and ``more`` bytes, have no room; or it would not be whole."""
    if found.odd:
        raise Refused(
            _("{folder} is no plain folder, so an upgrade could not put it back.").format(folder=found.odd[0]),
            remedy=_("Upgrade this mail server by hand."),
        )
    needed = found.needed + more + SPARE
    if found.free < needed:
        raise Refused(
            _("The disk of the server has {free} free, and this takes {needed}.").format(
                free=words.size(found.free), needed=words.size(needed)
            ),
            remedy=_("Free some space or resize it, then retry."),
        )


def make(ssh: SshSession, row: MailServer, name: str) -> None:
    """A copy of this name; one that is there is whole and stays. Nothing may write meanwhile."""
    copy, fresh = _path(name), _path(f"{name}.new")
    there = shlex.join((*folders_of(row), *files_of(row)))
    one = f'mkdir -p "{fresh}${{each%/*}}"; cp -a "$each" "{fresh}$each"'
    script = (
        f"set -e; [ -d {copy} ] && exit 0; rm -rf {fresh}; "
        f"install -d -m 0700 {fresh}; for each in {there}; do "
        f'[ ! -e "$each" ] || {{ {one}; }}; done; sync; mv {fresh} {copy}'
    )
    _check(ssh, script)


def put_back(ssh: SshSession, name: str, paths: Sequence[str]) -> None:
    """These paths as the copy has them. Nothing may write meanwhile."""
    copy, there = _path(name), shlex.join(paths)
    script = (
        f"set -e; [ -d {copy} ]; for each in {there}; do "
        f'[ -e "{copy}$each" ] || continue; rm -rf "$each.back"; '
        f'cp -a "{copy}$each" "$each.back"; rm -rf "$each"; mv "$each.back" "$each"; done; sync'
    )
    _check(ssh, script)


def drop(ssh: SshSession, name: str) -> None:
    """No copy of this name, whole or half."""
    _check(ssh, f"set -e; rm -rf {_path(name)} {_path(f'{name}.new')}")


def drop_older(ssh: SshSession) -> int:
    """All but the newest :data:`KEPT`; how many went."""
    said = ssh.check(f"ls -1t {PLACE}", timeout_s=LOOK_S)
    old = [name for name in said.split() if not name.endswith(".new")][KEPT:]
    for name in old:
        drop(ssh, name)
    return len(old)


def _check(ssh: SshSession, script: str) -> None:
    turn.check(ssh, f"{PLACE}.lock", f"install -d -m 0700 {shlex.quote(PLACE)}; {script}", timeout_s=COPY_S)


def _path(name: str) -> str:
    return shlex.quote(f"{PLACE}/{name}")
