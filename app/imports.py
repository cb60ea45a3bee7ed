"""What is imported ahead, so that building a page imports nothing.

What knows no Qt is imported on the opening's threads; what names Qt in the GUI thread, in slices between events.
"""

from __future__ import annotations

from importlib import import_module

from app.places import PLACES

#: What pages and the parts around them need of the backend.
WITHOUT_QT = (
    "backend.accounts.owed",
    "backend.accounts.queries",
    "backend.activity.requests",
    "backend.core.present.format",
    "backend.core.present.jobs_told",
    "backend.core.present.times",
    "backend.engine.estimates",
    "backend.engine.job_actions",
    "backend.engine.presence",
    "backend.engine.queries",
    "backend.engine.schedule_queries",
    "backend.engine.unfinished",
    "backend.fleet.requests",
    "backend.inventory.queries",
    "backend.mail.adopt.queries",
    "backend.mail.adopt.requests",
    "backend.mail.change.requests",
    "backend.mail.files.names",
    "backend.mail.queries",
    "backend.mail.relay_queries",
    "backend.mail.requests",
    "backend.mail.settings_queries",
    "backend.mail.summary",
    "backend.mail.token_queries",
    "backend.monitoring.health",
    "backend.monitoring.queries",
    "backend.monitoring.requests",
    "backend.overview.news",
    "backend.overview.queries",
    "backend.providers.capabilities",
    "backend.providers.network",
    "backend.servers.charts.live_view",
    "backend.servers.network.queries",
    "backend.servers.queries",
    "backend.servers.requests",
    "backend.upkeep.diagnostics",
    "backend.upkeep.saved_file",
    "backend.workspaces.queries",
    "backend.workspaces.requests",
)
#: What the wizard and the charts need besides, pyqtgraph's own needs among it. A library comes before its modules: a
#: module does not wait for a library that another thread has half imported, and then both fail.
WITHOUT_QT_REST = (
    "backend.accounts.requests",
    "backend.engine.settings",
    "backend.inventory.requests",
    "backend.mail.addresses",
    "backend.mail.limits",
    "backend.mail.outside",
    "backend.mail.templates",
    "backend.mailu.api",
    "backend.servers.provision.fitness",
    "backend.servers.provision.naming",
    "backend.servers.provision.order",
    "backend.upkeep.queries",
    "backend.upkeep.requests",
    "numpy",
    "numpy.typing",
    "colorama",
    "cProfile",
    "mmap",
    "multiprocessing",
    "multiprocessing.connection",
    "pydoc",
    "xml.etree.ElementTree",
)
AROUND_PAGES = tuple(
    f"app.shell.{name}"
    for name in (
        "desktop.notification_watcher",
        "desktop.tray",
        "requests.outcomes",
        "requests.submit",
        "session.last_seen",
        "window.global_errors",
        "window.status",
        "window.workspace_switching",
    )
)
LIBRARIES_OF_QT = ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtTest")
REST = ("app.finder", *LIBRARIES_OF_QT, "pyqtgraph", "widgets.charts.stack")


def import_without_qt(names: tuple[str, ...]) -> None:
    """On a thread of the opening."""
    for name in names:
        import_module(name)


def of_first_page(wanted: str) -> tuple[str, ...]:
    """What names Qt, for the page that is shown first and the parts around it."""
    place = PLACES[wanted if wanted in PLACES else PLACES.first]
    return *AROUND_PAGES, _module(place.page)


def of_rest() -> tuple[str, ...]:
    """What names Qt, for what may be looked at next, and what charts are drawn with."""
    paths = [place.page for place in PLACES.all]
    paths += [part.widget for place in PLACES.all for part in place.parts]
    paths += [command.opens for place in PLACES.all for command in place.commands]
    paths += [place.finds for place in PLACES.all if place.finds]
    return *dict.fromkeys(map(_module, paths)), *REST


def _module(path: str) -> str:
    return path.partition(":")[0]
