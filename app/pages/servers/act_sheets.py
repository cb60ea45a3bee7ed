"""The sheet before an act on one server, by the key of the act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.pages.servers.note_sheets import note_operation
from app.pages.servers.operations import ServerOperation, power_request, where_of
from app.pages.servers.sheets import destroy_sheet, key_sheet, management_sheet, power_sheet
from app.pages.servers.snapshot_sheets import take_operation
from backend.servers.requests import DestroyServer, ManageServer, RotateLoginKey, UnmanageServer

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.servers.queries import ServerRow


def operation_for(services: Services, row: ServerRow, key: str, parent: QWidget) -> ServerOperation:
    """The sheets with a choice are imported when they are asked for: the page is there sooner."""
    where = where_of([row])
    if key in ("resize", "reverse"):
        from app.pages.servers.change_sheets import ResizeSheet, ReverseSheet

        kind = ResizeSheet if key == "resize" else ReverseSheet
        sheet = kind(services, row, where, parent)
        return ServerOperation(sheet, sheet.request)
    if key == "snapshot":
        return take_operation(row, parent)
    if key in ("tags", "note", "maintenance"):
        return note_operation(row, key, parent)
    if key == "destroy":
        return ServerOperation(destroy_sheet(row, where, parent), lambda: DestroyServer(row.id, row.name))
    if key in ("adopt", "release"):
        about = ManageServer(row.id, row.name) if key == "adopt" else UnmanageServer(row.id)
        return ServerOperation(management_sheet(row, key, where, parent), lambda: about)
    if key == "rotate_key":
        return ServerOperation(key_sheet(row, where, parent), lambda: RotateLoginKey(row.id))
    power = power_request(row, key)
    return ServerOperation(power_sheet(row, key, where, parent), lambda: power)
