"""What is imported ahead, on threads of the opening: building a page in the GUI thread then imports nothing."""

from __future__ import annotations

from app.navigation import PAGES, import_page


def import_first(wanted: str) -> None:
    """What the first page needs."""
    import app.shell.frame_state
    import app.shell.leaving
    import app.shell.switching
    import app.shell.troubles  # noqa: F401

    import_page(wanted if wanted in PAGES else PAGES[0])


def import_rest() -> None:
    """What may be looked at next, and what charts are drawn with."""
    import app.finder
    import app.pages.servers.wizard  # noqa: F401
    import widgets.charts.stack  # noqa: F401

    for page in PAGES:
        import_page(page)
