"""What can be done with a server, as values: menus, buttons, bar, search and shortcuts are made from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.pages.servers.operations import lacking
from backend.core.present.text import N_, _

if TYPE_CHECKING:
    from backend.servers.queries import ServerRow

Reason = Callable[["ServerRow"], str]


@dataclass(frozen=True)
class Act:
    """One act. ``word`` is its message id from the menu to the job; ``doing`` and ``done`` say it under way and ended.
    A menu has a line between two ``group``s.

    ``why_not`` answers why it does not fit a server, empty where it does; ``is_there`` whether a menu names it at all
    for this server (of two that take turns, one). ``on_many``: it can be asked of several servers at once.
    ``asks``: a sheet comes before it. ``is_frequent``: a button of its own in the server's head.
    """

    key: str
    word: str
    icon: str
    group: str
    why_not: Reason
    doing: str = ""
    done: str = ""
    shortcut: str = ""
    is_dangerous: bool = False
    is_frequent: bool = False
    on_many: bool = False
    asks: bool = True
    is_there: Callable[[ServerRow], bool] = lambda _row: True

    @property
    def words(self) -> str:
        """As a menu says it: dots where a sheet comes first."""
        return f"{_(self.word)}..." if self.asks else _(self.word)


def why_none(act: Act, rows: Sequence[ServerRow]) -> str:
    """Why an act can be done with none of these; empty where it fits one of them."""
    if not rows:
        return _("no server is selected")
    if len(rows) > 1 and not act.on_many:
        return _("one server at a time")
    reasons = [act.why_not(row) for row in rows]
    if not all(reasons):
        return ""
    return reasons[0] if len(set(reasons)) == 1 else _("possible for none of them")


def acts_of(rows: Sequence[ServerRow]) -> tuple[Act, ...]:
    """The acts that are named for these servers."""
    return tuple(act for act in ACTS if not rows or any(act.is_there(row) for row in rows))


def _managed(row: ServerRow) -> str:
    return "" if row.is_ours else _("not managed by Mailyard")


def _ready(row: ServerRow) -> str:
    return _managed(row) or ("" if row.life == "active" else _("still being set up"))


def _changes(key: str) -> Reason:
    """Fits whether it is on or off, where its provider can."""
    return lambda row: _ready(row) or lacking(row, key)


def _while_on(key: str) -> Reason:
    def why_not(row: ServerRow) -> str:
        return _ready(row) or ("" if row.power == "on" else _("it is not on")) or lacking(row, key)

    return why_not


def _while_off(row: ServerRow) -> str:
    return _ready(row) or (_("it is on") if row.power == "on" else "")


def _adopts(row: ServerRow) -> str:
    if row.is_ours:
        return _("already managed")
    return "" if row.life == "active" else _("still being set up")


def _releases(row: ServerRow) -> str:
    if not row.is_ours:
        return _("not managed by Mailyard")
    return _("created by Mailyard") if row.can_enter or row.life != "active" else ""


def _reached(row: ServerRow) -> str:
    if not row.can_enter or not row.address:
        return _("Mailyard has no SSH key on it")
    return _("it is off") if row.power == "off" else ""


def _entered(row: ServerRow) -> str:
    return _ready(row) or ("" if row.can_enter else _("Mailyard has no SSH key on it"))


def _destroys(row: ServerRow) -> str:
    return _managed(row)


def _has_key(row: ServerRow) -> str:
    return _entered(row) or ("" if row.power == "on" else _("it is not on"))


def _always(_row: ServerRow) -> str:
    return ""


def _in_maintenance(row: ServerRow) -> str:
    return "" if row.maintenance_until is not None else _("not in maintenance")


#: Groups stand together; what destroys stands last and alone.
ACTS: tuple[Act, ...] = (
    Act("ssh", N_("Open SSH"), "terminal", "reach", _reached, shortcut="Ctrl+T", is_frequent=True, asks=False),
    Act("copy_ssh", N_("Copy SSH command"), "copy", "reach", _reached, asks=False),
    Act(
        *("reboot", N_("Reboot"), "rotate-ccw", "power", _while_on("reboot"), N_("Rebooting"), N_("Rebooted")),
        shortcut="Ctrl+Shift+R",
        is_frequent=True,
        on_many=True,
    ),
    Act(
        *("shutdown", N_("Shut down"), "power", "power", _while_on("shutdown")),
        *(N_("Shutting down"), N_("Shut down, powered off")),
        on_many=True,
    ),
    Act(
        *("off", N_("Force power off"), "power", "power", _while_on("off"), N_("Forcing off"), N_("Forced off")),
        on_many=True,
    ),
    Act(
        *("on", N_("Power on"), "power", "power", _while_off, N_("Powering on"), N_("Powered on")),
        on_many=True,
    ),
    Act(
        *("resize", N_("Resize"), "cpu", "change", _changes("resize"), N_("Resizing"), N_("Resized")),
        shortcut="Ctrl+Shift+E",
    ),
    Act(
        *("snapshot", N_("Take snapshot"), "camera", "change", _changes("snapshot")),
        *(N_("Taking snapshot"), N_("Snapshot taken")),
        shortcut="Ctrl+Shift+S",
        on_many=True,
    ),
    Act("install_mail", N_("Install the mail server"), "mail", "change", _entered, N_("Installing the mail server")),
    Act(
        *("rotate_key", N_("Renew SSH key"), "key-round", "change", _has_key, N_("Renewing SSH key")),
        on_many=True,
    ),
    Act("reverse", N_("Set reverse DNS"), "globe", "change", _changes("reverse"), N_("Setting reverse DNS")),
    Act(
        *("maintenance", N_("Maintenance until"), "wrench", "care", _always),
        shortcut="Ctrl+Shift+M",
        on_many=True,
    ),
    Act(
        *("end_maintenance", N_("End maintenance"), "wrench", "care", _in_maintenance),
        on_many=True,
        asks=False,
        is_there=lambda row: row.maintenance_until is not None,
    ),
    Act("tags", N_("Tags"), "tag", "care", _always, shortcut="Ctrl+Shift+G", on_many=True),
    Act("note", N_("Note"), "notebook-pen", "care", _always, shortcut="Ctrl+Shift+O"),
    Act(
        *("adopt", N_("Start managing"), "shield-check", "manage", _adopts, N_("Starting management")),
        is_there=lambda row: not row.is_ours,
    ),
    Act(
        *("release", N_("Stop managing"), "shield-check", "manage", _releases, N_("Stopping management")),
        is_there=lambda row: row.is_ours and not row.can_enter and row.life == "active",
    ),
    Act("destroy", N_("Destroy"), "trash-2", "end", _destroys, N_("Destroying"), N_("Destroyed"), is_dangerous=True),
)
BY_KEY = {act.key: act for act in ACTS}


def doing(title: str) -> str:
    """The words for a job under way by the title it bears; the title itself where no act is called so."""
    return next((_(act.doing) for act in ACTS if act.doing and _(act.word) == title), title)
