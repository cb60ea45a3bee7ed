"""Opens the desktop's terminal with a command in it, on Linux, macOS and Windows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from backend.core.errors import Refused
from backend.core.present.text import _

Which = Callable[[str], str | None]

#: Programs of Linux desktops and what stands before the command; the desktop's own choice first.
LINUX: Sequence[tuple[str, tuple[str, ...]]] = (
    ("xdg-terminal-exec", ()),
    ("x-terminal-emulator", ("-e",)),
    ("gnome-terminal", ("--",)),
    ("kgx", ("--",)),
    ("ptyxis", ("--",)),
    ("konsole", ("-e",)),
    ("xfce4-terminal", ("-x",)),
    ("mate-terminal", ("-x",)),
    ("tilix", ("-e",)),
    ("kitty", ()),
    ("alacritty", ("-e",)),
    ("wezterm", ("start", "--")),
    ("foot", ()),
    ("xterm", ("-e",)),
)


def terminal_command(script: Path, platform: str, which: Which, environment: Mapping[str, str]) -> Sequence[str]:
    """What to start so that ``script`` runs in a terminal of its own.

    :raises Refused: no terminal is known here.
    """
    if platform == "darwin":
        return ("open", "-a", "Terminal", str(script))
    if platform == "win32":
        windows_terminal = which("wt.exe")
        shell = ("cmd.exe", "/d", "/c", str(script))
        return (
            (windows_terminal, "new-tab", *shell) if windows_terminal else ("cmd.exe", "/d", "/c", "start", "", *shell)
        )
    wanted = environment.get("TERMINAL", "")
    if wanted and which(wanted):
        leads = dict(LINUX).get(Path(wanted).name, ("-e",))
        return (wanted, *leads, str(script))
    for name, leads in LINUX:
        if which(name):
            return (name, *leads, str(script))
    raise Refused(
        _("No terminal was found on this computer."),
        remedy=_("Install one, or name it in the variable TERMINAL. Copy SSH command works without."),
    )


def open_terminal(script: Path) -> None:
    """Start it, and do not wait for its end.

    :raises Refused: there is none, or it does not start.
    """
    command = terminal_command(script, sys.platform, shutil.which, os.environ)
    try:
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            close_fds=True,
        )
    except OSError as error:
        raise Refused(_("The terminal {name} does not start.").format(name=command[0]), detail=str(error)) from error
