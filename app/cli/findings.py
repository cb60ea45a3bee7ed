"""The looks of ``mailyard doctor``: each answers with findings and changes nothing but an empty folder."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from app.cli.finding import Finding
from app.cli.folder_access import access, open_paths
from app.cli.secret_findings import missing, secrets_alone, secrets_of
from app.cli.versions import version_of_ours
from app.system import has_fonts, has_session_bus, packages_for, window_trouble
from backend.core.errors import MailyardError
from backend.core.present.text import ngettext

if TYPE_CHECKING:
    from app.cli.options import Options
    from app.cli.session import CommandSession
    from backend.core.paths import DataFolder

LITTLE_BYTES, LEAST_BYTES = 200_000_000, 1_000_000
ACCOUNT_TROUBLE = frozenset({"refused", "unreachable", "unverified", "locked", "clock"})
ENGINE_REMEDY = "Open the console, or run mailyard engine run."


def of_machine() -> Iterator[Finding]:
    """What does not depend on a data folder."""
    yield Finding("Mailyard", "ok", version_of_ours())
    yield Finding("Python", "ok", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    yield _window()
    yield _proxies()
    if platform.system() == "Linux":
        yield _bus()
        yield _fonts()


def of_installation(options: Options) -> Iterator[Finding]:
    """The data folder and what is in it; what cannot be read is not read further."""
    try:
        stood_open = open_paths(options.folder)
        options.folder.prepare()
    except MailyardError as error:
        yield _critical("data folder", error)
        return
    yield _space(options.folder)
    yield access(options.folder, stood_open)
    yield from _inside(options)


def _window() -> Finding:
    trouble = window_trouble()
    if trouble is None:
        return Finding("window", "ok", "all libraries are there, and a display answers")
    if trouble.libraries:
        packages = f"apt install {packages_for(trouble.libraries)}"
        return Finding("window", "critical", f"missing libraries: {', '.join(trouble.libraries)}", packages)
    return Finding("window", "warning", trouble.title, trouble.remedy)


def _proxies() -> Finding:
    from backend.core.http import environment_trouble
    from backend.core.proxies import set_variables

    trouble = environment_trouble()
    if trouble is not None:
        return _critical("proxy", trouble)
    names = ", ".join(set_variables())
    return Finding("proxy", "ok", f"as set by {names}" if names else "none set")


def _bus() -> Finding:
    if has_session_bus():
        return Finding("session bus", "ok", "there is one")
    words = "there is none: no keyring, no desktop notifications, and its appearance is not followed"
    return Finding("session bus", "warning", words, "apt install dbus-user-session, then log in again.")


def _fonts() -> Finding:
    if has_fonts():
        return Finding("fonts", "ok", "the program's own, and the system's for other scripts")
    words = "only the program's own: names in other scripts than Latin, Greek and Cyrillic show boxes"
    return Finding("fonts", "warning", words, "apt install fonts-dejavu-core")


def _space(folder: DataFolder) -> Finding:
    free = shutil.disk_usage(folder.root).free
    if free < LEAST_BYTES:
        words = f"{folder.root}: no space left on its disk"
        return Finding("data folder", "critical", words, "Free some disk space; what was written is safe.")
    if free < LITTLE_BYTES:
        words = f"{folder.root}: {free // 1_000_000} MB left on its disk"
        return Finding("data folder", "warning", words, "Free some disk space before an upgrade needs it.")
    return Finding("data folder", "ok", str(folder.root))


def _inside(options: Options) -> Iterator[Finding]:
    from app.cli.session import opened

    is_on_server = options.database_url is not None
    database = Finding("databases", "ok", "on a server") if is_on_server else _databases(options.folder)
    if database.verdict == "critical":
        yield database
        yield from secrets_alone(options.folder)
        return
    if not is_on_server and not options.folder.app_database.exists():
        yield database
        yield from secrets_alone(options.folder)
        return
    with opened(options) as session:
        revision = _revision(session)
        yield revision or database
        yield secrets_of(session)
        if revision is None:
            yield from _life(session)
            yield from missing(session)


def _databases(folder: DataFolder) -> Finding:
    from backend.store.integrity import check_integrity

    files = [path for path in (folder.app_database, folder.metrics_database) if path.exists()]
    try:
        for path in files:
            check_integrity(path)
    except MailyardError as error:
        return _critical("databases", error)
    sound = ngettext("{n} file, sound", "{n} files, sound", len(files)).format(n=len(files))
    return Finding("databases", "ok", sound if files else "none yet")


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


def _life(session: CommandSession) -> Iterator[Finding]:
    """What runs, and what waits for somebody."""
    try:
        yield _engine(session)
        yield _audit(session)
        yield from of_accounts(session)
        yield from _jobs(session)
    except MailyardError as error:
        yield _critical("databases", error)


def _engine(session: CommandSession) -> Finding:
    from app.cli.session import agency, process
    from backend.engine.queries import ActivityCounts

    holder = session.presence().holder
    if holder is not None:
        since = f" ({holder.role}) since {holder.since}" if holder.is_known else ""
        return Finding("engine", "ok", f"{process(holder)}{since}")
    waiting = session.ask(ActivityCounts(agency())).running
    if waiting:
        words = ngettext(
            "no engine runs, and {n} job waits for one", "no engine runs, and {n} jobs wait for one", waiting
        )
        return Finding("engine", "warning", words.format(n=waiting), ENGINE_REMEDY)
    return Finding("engine", "ok", "none runs, and nothing waits for one")


def _audit(session: CommandSession) -> Finding:
    from backend.upkeep.queries import AuditChain

    broken = session.ask(AuditChain())
    if broken is None:
        return Finding("audit log", "ok", "each line follows from the one before")
    words = f"line {broken} was changed, or a line before it was removed"
    return Finding("audit log", "critical", words, "Compare it with a copy from the folder 'copies'.")


def of_accounts(session: CommandSession) -> Iterator[Finding]:
    """One for each provider account that cannot be used as it is."""
    from app.cli.accounts import accounts

    for row in accounts(session):
        if row.state in ACCOUNT_TROUBLE:
            verdict: Literal["warning", "critical"] = "critical" if row.state == "refused" else "warning"
            remedy = f"mailyard account verify {row.name}; a new token: mailyard account token {row.name}"
            if row.state == "locked":
                remedy = "Unlock the secret store in the window, or start the engine with --passphrase-fd."
            if row.state == "clock":
                remedy = "Set this computer's clock; the account goes on by itself within minutes."
            if row.state == "refused":
                remedy = f"Enter a new one: mailyard account token {row.name}, or New token... in Settings > Accounts."
            yield Finding(f"account {row.name}", verdict, row.note or row.state, remedy)


def _jobs(session: CommandSession) -> Iterator[Finding]:
    from app.cli.output import short
    from app.cli.session import agency
    from backend.engine.queries import Jobs

    for row in session.ask(Jobs(agency(), session.installation.kinds, ("waiting_for_you", "waiting_until"))):
        what = f"job {short(row.id)}"
        if row.state == "waiting_for_you":
            yield Finding(what, "warning", f"{row.title} {row.about} awaits approval", "mailyard jobs confirm")
        elif row.state == "waiting_until" and row.cause:
            yield Finding(what, "warning", f"{row.title} {row.about} waits: {row.cause}", row.remedy)


def _critical(what: str, error: MailyardError) -> Finding:
    return Finding(what, "critical", f"{error.title} {error.detail}".strip(), error.remedy)
