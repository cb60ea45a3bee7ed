"""Turns vorta's pages as ``console_acts`` turns ours; for the system's Python, which has vorta and its PyQt5.

Prints the seconds of each turn as a JSON list. Started by ``benchmarks.console_acts`` with a home of its own.
"""

import json
import sys
import time
from pathlib import Path

TIMES, SETTLE_S, BETWEEN_S = 40, 3.0, 0.15


def main() -> int:
    from peewee import SqliteDatabase
    from vorta.config import SETTINGS_DIR
    from vorta.store.connection import init_db

    init_db(SqliteDatabase(str(Path(SETTINGS_DIR) / "settings.db"), pragmas={"journal_mode": "wal"}))
    from vorta.application import VortaApp

    application = VortaApp(["vorta"], single_app=False)
    window = application.main_window
    window.show()
    _rest(application, SETTLE_S)
    tabs = window.tabWidget
    for at in range(tabs.count()):  # each was built and painted once, as ours were
        tabs.setCurrentIndex(at)
        _rest(application, BETWEEN_S)
    found = []
    for turn in range(TIMES):
        begun = time.monotonic()
        tabs.setCurrentIndex(turn % tabs.count())
        application.processEvents()
        tabs.currentWidget().repaint()
        found.append(time.monotonic() - begun)
        _rest(application, BETWEEN_S)
    print(json.dumps(found))
    return 0


def _rest(application, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main())
