"""The sheets before a server is switched or destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.shell.window.effects import effect_lines
from backend.core.present import format as words
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from backend.servers.actions.resize_effects import address_effects
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from backend.servers.queries import ServerRow


def power_sheet(row: ServerRow, action: str, where: str, parent: QWidget) -> Sheet:
    """What happens to mail while the server is away."""
    titles = {
        "on": (_("Power on {name}"), _("Power on")),
        "off": (_("Force {name} to power off"), _("Force power off")),
        "shutdown": (_("Shut down {name}"), _("Shut down")),
        "reboot": (_("Reboot {name}"), _("Reboot")),
    }
    title, act = titles[action]
    sheet = Sheet(SheetText(title.format(name=row.name), act, _("Cancel"), where), parent)
    away, mail = away_words(action)
    lines = [
        EffectLine(_("Changed"), _("1 server"), row.name),
        EffectLine(_("Used by"), ", ".join(row.workspaces) or _("nobody")),
        EffectLine(_("Downtime"), away, mail),
        EffectLine(_("Cost"), words.money(row.monthly_micro, row.currency), _("a month, also while it is off")),
        undo_line(action),
    ]
    if action != "on":
        lines.insert(2, EffectLine(_("Data"), _("kept"), data_words(row, action)))
    if action in ("off", "shutdown"):
        lines[3:3] = effect_lines(address_effects(row.provider))
    sheet.set_effects(lines)
    return sheet


def away_words(action: str) -> tuple[str, str]:
    """How long a server is away, what becomes of mail; in words."""
    away = {"reboot": _("about a minute"), "on": _("none")}.get(action, _("until it is powered on"))
    mail = _("Senders retry for days; mail cannot be read in the meantime.") if action != "on" else ""
    return away, mail


def undo_line(action: str) -> EffectLine:
    """How the act is taken back."""
    if action == "reboot":
        return EffectLine(_("Undo"), _("not needed"))
    again = _("You can shut it down again.") if action == "on" else _("You can power it on again.")
    return EffectLine(_("Undo"), _("possible"), again)


def management_sheet(row: ServerRow, act: str, where: str, parent: QWidget) -> Sheet:
    """Taking over a server that Mailyard did not make, or leaving it alone again: the provider is not asked."""
    if act == "adopt":
        title, does = _("Start managing {name}").format(name=row.name), _("Start managing")
        may = _(
            "From now on it can be powered on and off, resized, backed up by snapshots, given reverse "
            "DNS and destroyed from here."
        )
        undo = _("You can stop managing it again; that does not call the provider either.")
    else:
        title, does = _("Stop managing {name}").format(name=row.name), _("Stop managing")
        may, undo = _("It is still shown, but no longer managed."), _("Start managing it again.")
    typed = row.name if act == "adopt" else ""
    sheet = Sheet(SheetText(title, does, _("Cancel"), where, typed), parent)
    sheet.set_effects(
        [
            EffectLine(_("Changed"), _("here only"), may),
            EffectLine(
                _("At the provider"), _("nothing"), _("The provider is not called, and no ownership tag is set.")
            ),
            EffectLine(_("SSH"), _("closed"), _("Mailyard has no SSH key on it: no live view, no metrics.")),
            EffectLine(_("Undo"), _("possible"), undo),
        ]
    )
    return sheet


def key_sheet(row: ServerRow, where: str, parent: QWidget) -> Sheet:
    """Another SSH login key: mail and connections go on."""
    title = _("Renew the SSH key of {name}").format(name=row.name)
    sheet = Sheet(SheetText(title, _("Renew SSH key"), _("Cancel"), where), parent)
    sheet.set_effects([EffectLine(_("Changed"), _("1 server"), row.name), *key_effects()])
    return sheet


def key_effects() -> list[EffectLine]:
    """What becomes of the key of before, and what else notices."""
    return [
        EffectLine(_("New key"), _("proved first"), _("Mailyard logs in with it before it relies on it.")),
        EffectLine(_("Old key"), _("removed after 24 h"), _("Only Mailyard's own; keys of others stay.")),
        EffectLine(_("Downtime"), _("none")),
        EffectLine(_("Undo"), _("not needed")),
    ]


def _snapshots_left(row: ServerRow) -> list[EffectLine]:
    if not clouds()[row.provider].can("snapshot"):
        return []
    note = _(
        "They stay at the provider and keep being billed; afterwards they are listed under Costs > Orphaned resources."
    )
    return [EffectLine(_("Snapshots"), _("kept"), note)]


def data_words(row: ServerRow, action: str) -> str:
    """In words, what becomes of data that the system has not written yet."""
    cells = clouds()[row.provider].cells
    clean, hard = cells["clean_shutdown"], cells["hard_off"]
    if action == "off" and hard.can == "partly":
        return _(hard.note)
    if action == "off" or clean.can == "no":
        return _("Unwritten data may be lost: power is cut immediately.")
    return _("The operating system shuts down gracefully.") if clean.can == "yes" else _(clean.note)


def destroy_sheet(row: ServerRow, where: str, parent: QWidget) -> Sheet:
    """Destroying is for good: the name must be typed."""
    text = SheetText(
        _("Destroy {name}").format(name=row.name), _("Destroy permanently"), _("Keep the server"), where, row.name
    )
    sheet = Sheet(text, parent)
    used = ", ".join(row.workspaces) or _("nobody")
    sheet.set_effects(
        [
            EffectLine(_("Removed"), _("1 server"), _("with its disk, addresses and all data")),
            EffectLine(_("Used by"), used),
            EffectLine(_("Mail"), _("lost"), _("All mail on it is lost, and no more mail is received.")),
            *_snapshots_left(row),
            EffectLine(
                _("Cost"), _("less"), _("{price} a month").format(price=words.money(row.monthly_micro, row.currency))
            ),
            EffectLine(_("Undo"), _("not possible"), _("It can only be restored from a backup kept elsewhere.")),
        ]
    )
    return sheet
