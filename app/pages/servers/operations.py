"""What can be done with a server from its page: whether it fits, the sheet before it, and the requests it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from app.shell.window.whose import whose
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from backend.providers.models import PowerAction
from backend.servers.requests import PowerServer

if TYPE_CHECKING:
    from backend.engine.payload import Request
    from backend.servers.queries import ServerRow
    from widgets.sheet import Sheet

#: What an act needs of the provider: rows of the capability matrix.
NEEDS = {
    "resize": "resize",
    "reverse": "reverse_dns",
    "shutdown": "clean_shutdown",
    "off": "hard_off",
    "snapshot": "snapshot",
    "restore": "restore",
    "delete_snapshot": "snapshot",
    "reserve": "reserved_address",
    "release_address": "reserved_address",
    "firewall": "firewall",
    "remove_firewall": "firewall",
}


@dataclass(frozen=True)
class ServerOperation:
    """A sheet, and what is requested once it was agreed to; ``request`` is called then.

    ``said`` is what became of it in the words of a toast, empty where it becomes a job; ``undo`` what takes it back.
    """

    sheet: Sheet
    request: Callable[[], Request]
    said: Callable[[], str] = lambda: ""
    undo: Callable[[], Request] | None = None

    def requests(self) -> Sequence[Request]:
        return (self.request(),)

    def undone(self) -> Sequence[Request]:
        return (self.undo(),) if self.undo is not None else ()


@dataclass(frozen=True)
class BulkOperation:
    """The same for several servers: one request for each."""

    sheet: Sheet
    requests: Callable[[], Sequence[Request]]
    said: Callable[[], str] = lambda: ""
    undone: Callable[[], Sequence[Request]] = lambda: ()


def lacking(row: ServerRow | None, key: str) -> str:
    """Why the provider of this server cannot do it; nothing where it can."""
    cloud = clouds().get(row.provider) if row is not None else None
    if cloud is None or key not in NEEDS or cloud.can(NEEDS[key]):
        return ""
    return _(cloud.cells[NEEDS[key]].note)


def unfit(row: ServerRow | None, key: str) -> str:
    """Why an act of a tab (snapshots, network) cannot be done; empty where it can."""
    if row is None:
        return _("no server is selected")
    return lacking(row, key) or ("" if row.is_ours else _("not managed by Mailyard"))


def where_of(rows: Sequence[ServerRow]) -> str:
    """Whose servers these are, for the band of a sheet: the clients who are hit."""
    return whose((name for row in rows for name in row.workspaces), len(rows))


def power_request(row: ServerRow, key: str) -> PowerServer:
    """The request of one of the acts of power."""
    return PowerServer(row.id, next(each for each in get_args(PowerAction) if each == key))
