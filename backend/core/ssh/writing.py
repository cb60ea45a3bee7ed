"""Files of a server written whole or not at all, by its file service: beside them first, then renamed."""

from __future__ import annotations

import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from backend.core.ssh.trouble import line_errors

if TYPE_CHECKING:
    import paramiko

#: User and group by number.
Owner = tuple[int, int]


def put(sftp: paramiko.SFTPClient, path: str, content: bytes, mode: int, owner: Owner | None = None) -> None:
    """``owner`` None: whoever we log in as. Nothing of the content is there before both are set.

    :raises OSError: it cannot be written; what was there is there still.
    """
    fresh = f"{path}.mailyard-new"
    try:
        with sftp.open(fresh, "wb") as file:
            if owner is not None and owner != _owner(sftp.stat(fresh)):
                sftp.chown(fresh, *owner)
            sftp.chmod(fresh, mode)
            file.write(content)
        sftp.posix_rename(fresh, path)
    except OSError:
        with suppress(*line_errors()):
            sftp.remove(fresh)
        raise


def rewrite(sftp: paramiko.SFTPClient, path: str, content: bytes) -> None:
    """What is there gets other content, and keeps its owner and mode; of a link, the file that it leads to.

    :raises OSError: as in :func:`put`, or it is not there.
    """
    place = sftp.normalize(path)
    there = sftp.stat(place)
    put(sftp, place, content, stat.S_IMODE(there.st_mode or 0o600), _owner(there))


def _owner(found: paramiko.SFTPAttributes) -> Owner:
    return found.st_uid or 0, found.st_gid or 0
