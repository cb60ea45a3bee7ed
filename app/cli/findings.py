"""The looks of ``mailyard doctor``: each answers with findings and changes nothing but an empty folder."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.system import has_fonts, has_session_bus, packages_for, window_trouble
from backend.core.errors import MailyardError

if TYPE_CHECKING:
    from app.cli.options import Options
    from app.cli.session import CommandSession
    from backend.core.paths import DataFolder

LITTLE_BYTES, LEAST_BYTES = 200_000_000, 1_000_000
ACCOUNT_TROUBLE = {"refused": "critical", "unreachable": "warning", "unverified": "warning"}
ENGINE_REMEDY = "Open the console, or run mailyard engine run."


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    what: str
    verdict: Literal["ok", "warning", "critical"]
    words: str
    remedy: str = ""


def of_machine() -> Iterator[Finding]:
    """What does not depend on a data folder."""
    yield Finding("Python", "ok", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    yield _window()
    if platform.system() == "Linux":
        yield _bus()
        yield _fonts()


def of_installation(options: Options) -> Iterator[Finding]:
    """The data folder and what is in it; what cannot be read is not read further."""
    try:
        options.folder.prepare()
    except MailyardError as error:
        yield _critical("data folder", error)
        return
    yield _space(options.folder)
    yield from _inside(options)


def _window() -> Finding:
    trouble = window_trouble()
    if trouble is None:
        return Finding("window", "ok", "all libraries are there, and a display answers")
    if trouble.libraries:
        packages = f"apt install {packages_for(trouble.libraries)}"
        return Finding("window", "critical", f"missing libraries: {', '.join(trouble.libraries)}", packages)
    return Finding("window", "warning", trouble.title, trouble.remedy)


def _bus() -> Finding:
    if has_session_bus():
        return Finding("session bus", "ok", "there is one")
    words = "there is none: no keyring, no notices on the desktop, and its look is not followed"
    return Finding("session bus", "warning", words, "apt install dbus-user-session, then log in again.")


def _fonts() -> Finding:
    if has_fonts():
        return Finding("fonts", "ok", "the program's own, and the system's for other scripts")
    words = "only the program's own: names in other scripts than Latin, Greek and Cyrillic show boxes"
    return Finding("fonts", "warning", words, "apt install fonts-dejavu-core")


def _space(folder: DataFolder) -> Finding:
    free = shutil.disk_usage(folder.root).free
    if free < LEAST_BYTES:
        words = f"{folder.root}: no space is left on its disk"
        return Finding("data folder", "critical", words, "Free some disk space; what was written is safe.")
    if free < LITTLE_BYTES:
        words = f"{folder.root}: {free // 1_000_000} MB are left on its disk"
        return Finding("data folder", "warning", words, "Free some disk space before an upgrade needs it.")
    return Finding("data folder", "ok", str(folder.root))


def _inside(options: Options) -> Iterator[Finding]:
    from app.cli.session import opened

    is_on_server = options.database_url is not None
    database = Finding("databases", "ok", "on a server") if is_on_server else _databases(options.folder)
    if database.verdict == "critical":
        yield database
        yield from _secrets_alone(options.folder)
        return
    if not is_on_server and not options.folder.app_database.exists():
        yield database
        yield from _secrets_alone(options.folder)
        return
    with opened(options) as session:
        revision = _revision(session)
        yield revision or database
        yield _secrets(session)
        if revision is None:
            yield from _life(session)


def _databases(folder: DataFolder) -> Finding:
    from backend.store.migrate import check_integrity

    files = [path for path in (folder.app_database, folder.jobs_database, folder.metrics_database) if path.exists()]
    try:
        for path in files:
            check_integrity(path)
    except MailyardError as error:
        return _critical("databases", error)
    return Finding("databases", "ok", f"{len(files)} files, sound" if files else "none yet")


def _revision(session: CommandSession) -> Finding | None:
    """Whether the database fits this program; None when it does."""
    from app.cli.session import known_revisions
    from backend.store.migrate import current_revision

    try:
        present = current_revision(session.installation.store)
    except MailyardError as error:
        return _critical("databases", error)
    known = known_revisions()
    if present == known[0]:
        return None
    if present is None or present in known:
        return Finding("databases", "warning", "of an older Mailyard", "The next start brings it up to date.")
    words = f"The database was written by a newer Mailyard (revision {present})."
    return Finding("databases", "critical", words, "Start that version, or restore a copy from the folder 'copies'.")


def _secrets_alone(folder: DataFolder) -> Iterator[Finding]:
    """The secret store as far as it can be told without opening an installation."""
    from backend.core.secrets.keys import keyring_is_usable

    if not folder.sealed_secrets.exists():
        yield _place("keyring" if keyring_is_usable() else "passphrase", exists=False)


def _secrets(session: CommandSession) -> Finding:
    secrets = session.installation.secrets
    try:
        if not secrets.exists or (secrets.key_place == "passphrase" and not session.options.passphrase.is_given):
            return _place(secrets.key_place, exists=secrets.exists)
        count = len(secrets.references())
    except MailyardError as error:
        return _critical("secret store", error)
    return Finding("secret store", "ok", f"opens; the key lies in the {secrets.key_place}; {count} values")


def _place(place: str, *, exists: bool) -> Finding:
    if place == "keyring":
        return Finding("secret store", "ok", "the desktop's keyring holds its key")
    words = f"no keyring answers: the store {'lies' if exists else 'will lie'} behind a passphrase"
    remedy = (
        "It is asked once after each start; a headless engine takes it with --passphrase-fd."
        if exists
        else "Install and unlock gnome-keyring or KWallet first, or go on with a passphrase."
    )
    return Finding("secret store", "warning", words, remedy)


def _life(session: CommandSession) -> Iterator[Finding]:
    """What runs, and what waits for somebody."""
    try:
        yield _engine(session)
        yield _audit(session)
        yield from _accounts(session)
        yield from _jobs(session)
    except MailyardError as error:
        yield _critical("databases", error)


def _engine(session: CommandSession) -> Finding:
    from app.cli.session import agency
    from backend.engine.queries import ActivityCounts

    holder = session.presence().holder
    if holder is not None:
        return Finding("engine", "ok", f"process {holder.pid} ({holder.role}) since {holder.since}")
    waiting = session.ask(ActivityCounts(agency())).running
    if waiting:
        return Finding("engine", "warning", f"no engine runs, and {waiting} jobs wait for one", ENGINE_REMEDY)
    return Finding("engine", "ok", "none runs, and nothing waits for one")


def _audit(session: CommandSession) -> Finding:
    from backend.upkeep.queries import AuditChain

    broken = session.ask(AuditChain())
    if broken is None:
        return Finding("audit log", "ok", "each line follows from the one before")
    words = f"line {broken} was changed, or a line before it was removed"
    return Finding("audit log", "critical", words, "Compare it with a copy from the folder 'copies'.")


def _accounts(session: CommandSession) -> Iterator[Finding]:
    from app.cli.accounts import accounts

    for row in accounts(session):
        if row.state in ACCOUNT_TROUBLE:
            verdict: Literal["warning", "critical"] = "critical" if row.state == "refused" else "warning"
            remedy = f"mailyard account verify {row.name}"
            if row.state == "refused":
                remedy = "Enter a new token in Settings > Accounts, or remove the account and add it again."
            yield Finding(f"account {row.name}", verdict, row.note or row.state, remedy)


def _jobs(session: CommandSession) -> Iterator[Finding]:
    from app.cli.output import short
    from app.cli.session import agency
    from backend.engine.queries import Jobs

    for row in session.ask(Jobs(agency(), session.installation.kinds)):
        what = f"job {short(row.id)}"
        if row.state == "waiting_for_you":
            yield Finding(what, "warning", f"{row.title} {row.about} waits for you", "mailyard jobs confirm")
        elif row.state == "waiting_until" and row.cause:
            yield Finding(what, "warning", f"{row.title} {row.about} waits: {row.cause}", row.remedy)


def _critical(what: str, error: MailyardError) -> Finding:
    return Finding(what, "critical", f"{error.title} {error.detail}".strip(), error.remedy)
