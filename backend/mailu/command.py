"""Mailu's own command, run in its admin container: for what its API does not take (manage.py, schemas.py)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.mailu.records import Alias

#: ``--update`` merges; without it all that a server has would be replaced.
IMPORT = ("flask", "mailu", "config-import", "--update", "--quiet")
#: In a list: what was in it goes. Of an alias that is not there yet it would become a destination.
PRUNE = "-prune-"


class Execute(Protocol):
    """Runs a command in the admin container.

    :raises SshError: it failed, or did not end in time.
    """

    def __call__(self, words: Sequence[str], *, stdin: str = "") -> str: ...


class MailuCommand:
    """Thread-safe as its ``execute`` is."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def set_alias(self, alias: Alias, *, is_there: bool) -> None:
        """To any destination, in one transaction: no mail meets an alias that is half changed. Whoever calls has seen
        that its domain is there: nobody asks here.

        :raises SshError: the server cannot be entered, or the command failed.
        """
        destinations = [*((PRUNE,) if is_there else ()), *alias.destinations]
        record = {
            "email": alias.address,
            "destination": destinations,
            "wildcard": alias.is_wildcard,
            "comment": alias.comment,
        }
        self._execute(IMPORT, stdin=json.dumps({"alias": [record]}, ensure_ascii=False))
