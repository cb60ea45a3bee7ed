"""The sheets before a server is switched or destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from backend.servers.queries import ServerRow


def power_sheet(row: ServerRow, action: str, where: str, parent: QWidget) -> Sheet:
    """What happens to mail while the server is away."""
    titles = {
        "on": (_("Switch on {name}"), _("Switch on")),
        "off": (_("Switch off {name}"), _("Switch off")),
        "shutdown": (_("Shut down {name}"), _("Shut down")),
        "reboot": (_("Reboot {name}"), _("Reboot")),
    }
    title, act = titles[action]
    sheet = Sheet(SheetText(title.format(name=row.name), act, _("Leave it as it is"), where), parent)
    away = {"reboot": _("about a minute"), "on": _("none")}.get(action, _("until it is switched on"))
    mail = _("Senders try again for days; nobody can read mail meanwhile.")
    undo = {"on": _("Shut it down again."), "reboot": _("Not needed.")}.get(action, _("Switch it on again."))
    lines = [
        EffectLine(_("Changed"), _("1 server"), row.name),
        EffectLine(_("Downtime"), away, "" if action == "on" else mail),
        EffectLine(_("Cost"), words.money(row.monthly_micro, row.currency), _("a month, also while it is off")),
        EffectLine(_("Undo"), undo),
    ]
    if action != "on":
        lines.insert(1, EffectLine(_("Data"), _("kept"), _stops_how(row, action)))
    if action in ("off", "shutdown"):
        lines[2:2] = address_lines(row)
    sheet.set_effects(lines)
    return sheet


def address_lines(row: ServerRow) -> list[EffectLine]:
    """Where a stop takes the address away, everything that names it is wrong afterwards: said before it happens."""
    kept = clouds()[row.provider].cells["address_kept"]
    return [EffectLine(_("Address"), _("lost"), _(kept.note), Status.CRITICAL)] if kept.can == "no" else []


def hands_sheet(row: ServerRow, act: str, where: str, parent: QWidget) -> Sheet:
    """Taking over a server that Mailyard did not make, or leaving it alone again: the provider is not asked."""
    if act == "adopt":
        title, does = _("Adopt {name}").format(name=row.name), _("Adopt")
        may = _("From now on it can be switched, resized, kept, named and destroyed from here.")
        undo = _("Let it go again; that calls nobody either.")
    else:
        title, does = _("Let {name} go").format(name=row.name), _("Let go")
        may, undo = _("It is shown, and not touched any more."), _("Adopt it again.")
    typed = row.name if act == "adopt" else ""
    sheet = Sheet(SheetText(title, does, _("Leave it as it is"), where, typed), parent)
    sheet.set_effects(
        [
            EffectLine(_("Changed"), _("here only"), may),
            EffectLine(_("At the provider"), _("nothing"), _("No call is made, and no mark is put on it.")),
            EffectLine(_("SSH"), _("closed"), _("Mailyard has no key there: no live view, no figures.")),
            EffectLine(_("Undo"), _("yes"), undo),
        ]
    )
    return sheet


def _snapshots_left(row: ServerRow) -> list[EffectLine]:
    if not clouds()[row.provider].can("snapshot"):
        return []
    note = _("They stay at the provider and cost on; afterwards they stand under Settings > Orphans.")
    return [EffectLine(_("Snapshots"), _("kept"), note)]


def _stops_how(row: ServerRow, action: str) -> str:
    """In words, what becomes of data that the system has not written yet."""
    cells = clouds()[row.provider].cells
    clean, hard = cells["clean_shutdown"], cells["hard_off"]
    if action == "off" and hard.can == "partly":
        return _(hard.note)
    if action == "off" or clean.can == "no":
        return _("Data not yet written may be lost: the plug is pulled.")
    return _("The system stops cleanly.") if clean.can == "yes" else _(clean.note)


def destroy_sheet(row: ServerRow, where: str, parent: QWidget) -> Sheet:
    """Destroying is for good: the name must be typed."""
    text = SheetText(
        _("Destroy {name}").format(name=row.name), _("Destroy for good"), _("Keep the server"), where, row.name
    )
    sheet = Sheet(text, parent)
    used = ", ".join(row.workspaces) or _("nobody")
    sheet.set_effects(
        [
            EffectLine(_("Removed"), _("1 server"), _("with its disk, addresses and everything on it")),
            EffectLine(_("Used by"), used),
            EffectLine(_("Mail"), _("lost"), _("All mail on it is gone, and nothing is received any more.")),
            *_snapshots_left(row),
            EffectLine(
                _("Cost"), _("less"), _("{price} a month").format(price=words.money(row.monthly_micro, row.currency))
            ),
            EffectLine(_("Undo"), _("none"), _("Only a backup somewhere else can bring it back.")),
        ]
    )
    return sheet
