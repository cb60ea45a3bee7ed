"""What can be done with a server from its page: whether it fits, the sheet before it, and the job it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.pages.servers.sheets import destroy_sheet, hands_sheet, power_sheet
from backend.core.present.text import _
from backend.providers.capabilities import clouds

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.services import Services
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
#: Acts that fit a server whether it is on or off.
ALWAYS = (
    *("destroy", "resize", "reverse", "snapshot", "restore", "delete_snapshot"),
    *("reserve", "release_address", "firewall", "remove_firewall"),
)


@dataclass(frozen=True)
class ServerAct:
    """A sheet, and the job that is wished once it was agreed to; ``wish`` is asked then, and so is a ``job`` that
    depends on what was chosen.
    """

    sheet: Sheet
    job: str | Callable[[], str]
    wish: Callable[[], dict[str, object]]


def lacking(row: ServerRow | None, key: str) -> str:
    """Why the provider of this server cannot do it; nothing where it can."""
    cloud = clouds().get(row.provider) if row is not None else None
    if cloud is None or key not in NEEDS or cloud.can(NEEDS[key]):
        return ""
    return _(cloud.cells[NEEDS[key]].note)


def fits(row: ServerRow | None, key: str) -> bool:
    """Whether the act makes sense for a server as it is, and its provider can do it."""
    if row is not None and key in ("adopt", "release"):
        return row.life == "active" and (not row.is_ours if key == "adopt" else row.is_ours and not row.can_enter)
    if row is None or not row.is_ours or lacking(row, key):
        return False
    return key in ALWAYS or (key == "on") != (row.power == "on")


def act_for(services: Services, row: ServerRow, key: str, parent: QWidget) -> ServerAct:
    """The sheets with a choice are imported when they are asked for: the page is there sooner."""
    where = services.view.name or _("All workspaces")
    if key in ("resize", "reverse"):
        from app.pages.servers.change_sheets import ResizeSheet, ReverseSheet

        kind = ResizeSheet if key == "resize" else ReverseSheet
        sheet = kind(services, row, where, parent)
        return ServerAct(sheet, f"server.{key}", sheet.wish)
    number = str(row.id)
    if key == "destroy":
        typed: dict[str, object] = {"server_id": number, "typed_name": row.name}
        return ServerAct(destroy_sheet(row, where, parent), "server.destroy", lambda: typed)
    if key in ("adopt", "release"):
        about: dict[str, object] = {"server_id": number, "typed_name": row.name}
        return ServerAct(hands_sheet(row, key, where, parent), f"server.{key}", lambda: about)
    switched: dict[str, object] = {"server_id": number, "action": key}
    return ServerAct(power_sheet(row, key, where, parent), "server.power", lambda: switched)
