"""A secret store whose key is lost: it is put aside, never deleted, and the next value makes a new one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from backend.core.errors import Refused, SecretStoreLocked, StoreDamaged
from backend.core.present.text import _
from backend.core.secrets.box import locked, put_aside

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from backend.core.secrets.sealed import SealedFile

log = logging.getLogger(__name__)


def begin_anew(store: SealedFile, path: Path, at: datetime) -> Path:
    """Put the file of ``store`` aside, under a name with ``at`` (UTC); where it lies now.

    Whoever calls it sees to it that no engine runs: one that has the key would go on with a store it made itself.

    :raises Refused: there is no store, or it opens.
    :raises StoreReadOnly: it cannot be read or renamed.
    """
    why_it_stays_shut(store)
    with locked(path):
        target = put_aside(path, at)
    log.warning("The secret store could not be opened and was put aside as %s", target.name)
    return target


def why_it_stays_shut(store: SealedFile) -> SecretStoreLocked | StoreDamaged:
    """What keeps it from being opened, by whatever key or passphrase is at hand.

    :raises Refused: there is no store, or it opens.
    """
    if not store.exists:
        raise Refused(_("There is no secret store yet."), remedy=_("It is created with the first account."))
    try:
        store.references()
    except (SecretStoreLocked, StoreDamaged) as error:
        return error
    raise Refused(_("The secret store opens: nothing of it is lost, so it stays."))
