"""Opens search and a sheet again and again in a real window, and prints where they stood: a process of its own.

``python -m tests.desktop.overlays FOLDER TIMES``. Keys come from the X server, as from a person's desk.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QDialog

from app.application import Console
from tests.app.window import close_console, open_console, wait_until
from tests.installation import held_installation
from tests.sample_data.servers import add_fleet, server_id
from widgets.command_palette import CommandPalette
from widgets.sheet import Sheet

LETTERS = "mx10"


def main(folder: Path, times: int) -> None:
    """One line of JSON: the places of both by what was done, and how many windows there were at most."""
    application = QApplication(["mailyard"])
    with held_installation(folder) as installation:
        add_fleet(installation, 12)
        console = open_console(application, folder)
        window = console.window
        window.move(40, 30)
        window.resize(1200, 700)
        take_keyboard(console)
        places: dict[str, list[list[int]]] = {"palette": [], "typed": [], "sheet": []}
        for _each in range(times):
            palette(console, places)
        page: Any = console.window.pages["servers"]
        for _each in range(times):
            page.acts["reboot"].trigger()
            places["sheet"].append(place(console, Sheet))
            press("Escape")
            wait_until(lambda: not window.findChildren(Sheet), "the sheet to go")
        print(json.dumps({"places": places, "windows": len(windows())}), flush=True)
        close_console(console)


def take_keyboard(console: Console) -> None:
    """Without a window manager nobody gives it to a new window."""
    window = console.window
    window.go_to("servers")
    page: Any = window.pages["servers"]
    page.choose(server_id(1))
    wait_until(lambda: page.table.current() is not None, "a server")
    subprocess.run(["xdotool", "windowfocus", "--sync", str(int(window.winId()))], check=True, timeout=20)
    wait_until(window.isActiveWindow, "the keyboard")


def palette(console: Console, places: dict[str, list[list[int]]]) -> None:
    press("ctrl+k")
    places["palette"].append(place(console, CommandPalette))
    (shown,) = console.window.findChildren(CommandPalette)
    for at, letter in enumerate(LETTERS):
        press(letter)
        wait_until(partial(_says, shown, LETTERS[: at + 1]), "a letter")
        places["typed"].append(place(console, CommandPalette))
    press("Escape")
    wait_until(lambda: not console.window.findChildren(CommandPalette), "search to go")


def _says(shown: CommandPalette, text: str) -> bool:
    return shown.field.text() == text


def place(console: Console, kind: type[QDialog]) -> list[int]:
    """Left, top (both from the window's corner) and width of the open one, as it is on the screen."""
    window = console.window
    wait_until(lambda: any(each.isVisible() for each in window.findChildren(kind)), kind.__name__)
    turns = iter(range(4))
    wait_until(lambda: next(turns, None) is None, "a paint")
    (shown,) = window.findChildren(kind)
    corner = shown.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0))
    return [corner.x(), corner.y(), shown.width()]


def windows() -> list[str]:
    """What the X server shows of this process."""
    asked = ["xdotool", "search", "--onlyvisible", "--name", "Mailyard"]
    return subprocess.run(asked, capture_output=True, text=True, timeout=20).stdout.split()


def press(key: str) -> None:
    subprocess.run(["xdotool", "key", "--clearmodifiers", key], check=True, timeout=20)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
