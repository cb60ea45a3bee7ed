"""The pages there are, and the commands that go to them; each appears once, here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.present.text import _
from widgets.sidebar import Entry

if TYPE_CHECKING:
    from app.shell.page import Page
    from app.shell.services import Services

SERVERS, ACTIVITY, SETTINGS = "servers", "activity", "settings"


def entries() -> tuple[Entry, ...]:
    """The rows of the side bar, in order."""
    return (
        Entry(SERVERS, _("Servers"), "server"),
        Entry(ACTIVITY, _("Activity"), "list-checks"),
        Entry(SETTINGS, _("Settings"), "sliders-horizontal", gap=True),
    )


def make_page(key: str, services: Services) -> Page:
    """Build a page when it is first looked at."""
    if key == ACTIVITY:
        from app.pages.activity.page import ActivityPage

        return ActivityPage(services)
    if key == SETTINGS:
        from app.pages.settings.page import SettingsPage

        return SettingsPage(services)
    from app.pages.servers.page import ServersPage

    return ServersPage(services)
