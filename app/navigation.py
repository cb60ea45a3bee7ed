"""The pages there are, and the commands of the window; each appears once, here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from backend.core.present.text import _
from widgets.sidebar import Entry

if TYPE_CHECKING:
    from app.shell.demo import DemoControl
    from app.shell.page import Page
    from app.shell.services import Services

OVERVIEW, SERVERS, ACTIVITY, SETTINGS = PAGES = ("overview", "servers", "activity", "settings")
MODULES = {page: f"app.pages.{page}.page" for page in PAGES}


class Window(Protocol):
    """What commands and the palette need of the window."""

    pages: dict[str, Page]
    demo: DemoControl

    def go_to(self, key: str) -> None: ...

    def go_overview(self) -> None: ...

    def go_servers(self) -> None: ...

    def go_activity(self) -> None: ...

    def go_settings(self) -> None: ...

    def open_palette(self) -> None: ...

    def open_wizard(self) -> None: ...

    def open_account_dialog(self) -> None: ...

    def refresh_page(self) -> None: ...

    def start_demo(self) -> None: ...

    def remove_demo(self) -> None: ...


@dataclass(frozen=True)
class Command:
    """Something the window can do: a name, a shortcut where it is frequent, the act."""

    key: str
    words: str
    shortcut: str
    act: Callable[[], None]


def commands(window: Window) -> tuple[Command, ...]:
    """Every command, for shortcuts and for the palette."""
    demo = (
        Command("demo", _("Remove the demo"), "", window.remove_demo)
        if window.demo.is_demo
        else Command("demo", _("Explore the demo fleet"), "", window.start_demo)
    )
    return (
        Command("palette", _("Search and commands"), "Ctrl+K", window.open_palette),
        Command("new", _("New server"), "Ctrl+N", window.open_wizard),
        Command("account", _("Add account"), "", window.open_account_dialog),
        Command(OVERVIEW, _("Go to Overview"), "Ctrl+1", window.go_overview),
        Command(SERVERS, _("Go to Servers"), "Ctrl+2", window.go_servers),
        Command(ACTIVITY, _("Go to Activity"), "Ctrl+3", window.go_activity),
        Command(SETTINGS, _("Go to Settings"), "Ctrl+,", window.go_settings),
        Command("refresh", _("Read this page again"), "F5", window.refresh_page),
        demo,
    )


def entries() -> tuple[Entry, ...]:
    """The rows of the side bar, in order."""
    return (
        Entry(OVERVIEW, _("Overview"), "layout-dashboard"),
        Entry(SERVERS, _("Servers"), "server"),
        Entry(ACTIVITY, _("Activity"), "list-checks"),
        Entry(SETTINGS, _("Settings"), "sliders-horizontal", gap=True),
    )


def import_page(key: str) -> None:
    """Import a page before it is made: off the GUI thread."""
    import_module(MODULES[key])


def make_page(key: str, services: Services) -> Page:
    """Build a page when it is first looked at."""
    if key == OVERVIEW:
        from app.pages.overview.page import OverviewPage

        return OverviewPage(services)
    if key == ACTIVITY:
        from app.pages.activity.page import ActivityPage

        return ActivityPage(services)
    if key == SETTINGS:
        from app.pages.settings.page import SettingsPage

        return SettingsPage(services)
    from app.pages.servers.page import ServersPage

    return ServersPage(services)
