"""``mailyard doctor``: what on this machine or in this data folder keeps the program from working, and the way out."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from app.cli.output import AsJson, Exit, show
from app.system import missing_libraries, packages_for
from backend.core.errors import MailyardError

if TYPE_CHECKING:
    from backend.core.paths import DataFolder


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ``verdict`` is ok, warning or critical."""

    what: str
    verdict: str
    words: str
    remedy: str = ""


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Look at everything the program needs. Ends with 1 when something critical was found."""
    findings = list(_findings(context.obj.folder))
    if as_json:
        show(findings, as_json=True)
    else:
        for finding in findings:
            typer.echo(f"{finding.verdict:9}{finding.what}: {finding.words}")
            if finding.remedy:
                typer.echo(f"         {finding.remedy}")
    if any(finding.verdict == "critical" for finding in findings):
        raise typer.Exit(int(Exit.FAILED))


def _findings(folder: DataFolder) -> Iterator[Finding]:
    yield Finding("Python", "ok", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    for look in (_data_folder, _databases, _secrets):
        yield look(folder)
    yield _window()


def _data_folder(folder: DataFolder) -> Finding:
    return _tried("data folder", folder.prepare, str(folder.root))


def _databases(folder: DataFolder) -> Finding:
    from backend.store.migrate import check_integrity

    files = [path for path in (folder.app_database, folder.jobs_database, folder.metrics_database) if path.exists()]

    def look() -> None:
        for path in files:
            check_integrity(path)

    return _tried("databases", look, f"{len(files)} files, sound" if files else "none yet")


def _secrets(folder: DataFolder) -> Finding:
    from backend.core.secrets.keys import keyring_is_usable

    if keyring_is_usable():
        return Finding("keyring", "ok", "the desktop's keyring holds the key of the secret store")
    place = "exists" if folder.sealed_secrets.exists() else "would be made"
    return Finding(
        "keyring",
        "warning",
        f"no trusted keyring answers; the secret store {place} behind a passphrase",
        "Install and unlock gnome-keyring or KWallet, or go on with a passphrase.",
    )


def _window() -> Finding:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Finding("window", "warning", "no display: only commands and the headless engine work here")
    missing = missing_libraries()
    if missing:
        names = ", ".join(missing)
        return Finding("window", "critical", f"missing libraries: {names}", f"apt install {packages_for(missing)}")
    return Finding("window", "ok", "all libraries are there")


def _tried(what: str, look: Callable[[], None], words: str) -> Finding:
    try:
        look()
    except MailyardError as error:
        return Finding(what, "critical", f"{error.title} {error.detail}".strip(), error.remedy)
    return Finding(what, "ok", words)
