"""``mailyard --self-test``: the program tries itself, on a demo of its own in a folder that goes again.

It opens every page and every part of the settings, orders a server in the wizard and waits until it has proved itself,
and gathers the diagnostics. For those who built or installed it: what a bundle lacks is found before a person finds it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from app.application import turn_until
from app.places import PLACES
from app.shell.route import Route

if TYPE_CHECKING:
    from app.application import Console

NAME, REGION, PLAN, IMAGE = "self-test.example", "fra1", "s-1vcpu-2gb", "debian-12-x64"
OPEN_S, PAGE_S, JOB_S = 90.0, 30.0, 180.0


class SelfTestFailed(Exception):
    """The text says what did not come."""


def run() -> int:
    """0 when everything went well; a line for each thing tried, the first that failed on standard error."""
    from PySide6.QtWidgets import QApplication

    from app.application import Console
    from backend.core.paths import DataFolder

    application = QApplication(["mailyard"])
    with TemporaryDirectory(prefix="mailyard-self-test-", ignore_cleanup_errors=True) as folder:
        console = Console(application, DataFolder(Path(folder) / "mailyard-demo"), is_demo=True)
        test = SelfTest(console)
        try:
            test.run(Path(folder))
        except SelfTestFailed as failure:
            sys.stderr.write(f"failed: {failure}\n")
            return 1
        finally:
            test.close()
    sys.stdout.write("passed\n")
    return 0


class SelfTest:
    """Does in the window what a person does; lives in the GUI thread."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._window: Any = console.window

    def run(self, folder: Path) -> None:
        """:raises SelfTestFailed: something did not come."""
        self._console.start()
        self._wait(lambda: self._console.engine_start.is_done, "the demo to open", OPEN_S)
        self._say("opened")
        self._pages()
        self._order()
        self._diagnostics(folder / "diagnostics.zip")

    def close(self) -> None:
        if self._window.tray is not None:
            self._window.tray.quit()
        self._console.close()

    def _pages(self) -> None:
        for place in PLACES.all:
            self._window.go_to(place.key)
            self._settle(f"page {place.key}")
            for part in place.parts:
                self._window.go(Route(place.key, part.key))
                self._settle(f"{place.key}, {part.key}")
        self._window.go_to(PLACES.first)

    def _order(self) -> None:
        from app.pages.servers.wizard import NewServerWizard

        self._window.go(Route("servers", command="new"))
        wizard = self._window.findChild(NewServerWizard)
        self._wait(lambda: wizard.region.findData(REGION) >= 0, "the offers of the clouds", PAGE_S)
        wizard.region.setCurrentIndex(wizard.region.findData(REGION))
        wizard.plans.choose(PLAN)
        wizard.image.setCurrentIndex(wizard.image.findData(IMAGE))
        wizard.name.setText(NAME)
        self._wait(wizard.order.isEnabled, "an order that is whole", PAGE_S)
        wizard.order.click()
        told = self._wait(lambda: self._window.saying.toasts.toasts, "what became of the order", PAGE_S)
        told[-1].acts["open"].click()
        activity = self._wait(lambda: self._window.pages.get("activity"), "the page of jobs", PAGE_S)
        self._wait(lambda: NAME in activity.detail.title.text(), "the job", PAGE_S)
        self._wait(lambda: activity.detail.job_state in ("succeeded", "failed"), "the job to end", JOB_S)
        if activity.detail.job_state == "failed":
            raise SelfTestFailed(f"the server was not made: {activity.detail.banner.text}")
        self._say("a server was ordered and verified")

    def _diagnostics(self, target: Path) -> None:
        from app.shell.diagnostics.dialog import DiagnosticsDialog

        services = self._console.services
        assert services is not None
        dialog = DiagnosticsDialog(services, self._window)
        dialog.open()
        self._wait(dialog.save.isEnabled, "the diagnostics", PAGE_S)
        dialog.write_to(str(target))
        self._wait(target.exists, "the archive", PAGE_S)
        self._say("diagnostics written")

    def _settle(self, what: str) -> None:
        """Until nothing is being read, and no error stands above the page."""
        services = self._console.services
        assert services is not None
        self._wait(lambda: not services.reader.is_busy, f"{what} to be read", PAGE_S)
        page = self._window.stack.currentWidget()
        if page.banner.isVisible():
            raise SelfTestFailed(f"{what}: {page.banner.text}")
        self._say(what)

    def _wait(self, condition: Callable[[], Any], what: str, seconds: float) -> Any:
        """Turn the event loop until ``condition()`` is true; its value."""
        value = turn_until(condition, seconds)
        if not value:
            raise SelfTestFailed(f"waited {seconds:.0f} s for {what}")
        return value

    def _say(self, words: str) -> None:
        sys.stdout.write(f"ok: {words}\n")
        sys.stdout.flush()
