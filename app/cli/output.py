"""What commands print, and the exit codes they end with."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Annotated, Any, NoReturn
from uuid import UUID

import typer

from backend.core.errors import MailyardError
from backend.core.present.plain_line import plain_line

#: Every text of others goes through it before a terminal sees it.
clean = plain_line


class Exit(IntEnum):
    """Documented exit codes of every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    WAITS_FOR_YOU = 3
    NO_STORE = 4
    NOT_FOUND = 5
    REFUSED = 6
    UNDER_WAY = 7
    LOCKED = 8


CODES = (
    "0 done, 1 failed, 2 wrong usage, 3 awaits approval, 4 the database cannot be used, 5 not found, "
    "6 refused, 7 still under way, 8 the secret store is locked"
)
SHORT_ID = 8
WIDEST_CELL = 120  # JSON has the whole text

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
AsJobJson = Annotated[bool, typer.Option("--json", help="Print the job as JSON when it has finished.")]
OfWorkspace = Annotated[str, typer.Option("--workspace", metavar="NAME", help="Only what this client may see.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def say(text: str = "") -> None:
    """One line on standard output."""
    typer.echo(clean(text))


def tell(text: str) -> None:
    """One line on standard error: progress, reasons, remedies."""
    typer.echo(clean(text), err=True)


def show(rows: Iterable[Any], *, as_json: bool, columns: Sequence[str] = (), empty: str = "") -> None:
    """Print frozen rows as JSON, or as a table of ``columns``; ``empty`` is said where there is none."""
    found = list(rows)
    if as_json:
        show_json(found)
    elif not found and empty:
        say(empty)
    else:
        show_table(columns, [[cell(getattr(row, column)) for column in columns] for row in found])


def show_json(value: Any) -> None:
    """Print rows, or a mapping of rows. The names of fields are the names of the keys."""
    typer.echo(json.dumps(plain(value), indent=2, allow_nan=False))


def show_table(heads: Sequence[str], table: Sequence[Sequence[str]]) -> None:
    """Columns of text side by side; on a terminal no wider than it is."""
    lines = [[clean(head.replace("_", " ").upper()) for head in heads]]
    lines += [[_cut(clean(each)) for each in cells] for cells in table]
    widths = [max(map(len, parts)) for parts in zip(*lines, strict=True)]
    most = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for cells in lines:
        line = "  ".join(text.ljust(width) for text, width in zip(cells, widths, strict=True)).rstrip()
        typer.echo(line if not most or len(line) <= most else line[: most - 1] + "…")


def moment(value: datetime | None) -> str:
    """A local time with its zone."""
    return "-" if value is None else value.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def short(job_id: UUID) -> str:
    """The beginning of an id that is enough to name it."""
    return str(job_id)[:SHORT_ID]


def give_up(code: Exit, words: str) -> NoReturn:
    """Say why on standard error and end with ``code``."""
    tell(words)
    raise typer.Exit(int(code))


def give_up_on(error: MailyardError, code: Exit = Exit.FAILED) -> NoReturn:
    """End with an error's title and remedy."""
    if error.detail:
        tell(f"({error.detail})")
    give_up(code, error.sentence())


def ask_yes(question: str, *, yes: bool) -> None:
    """Ask a person before something that costs or destroys; ends the command where the answer is no or none."""
    if yes:
        return
    if not sys.stdin.isatty():
        give_up(Exit.USAGE, "There is no terminal to ask on: review the effects, then pass --yes.")
    if not typer.confirm(clean(question), err=True):
        give_up(Exit.REFUSED, "Nothing was done.")


def ask_typed(name: str, what: str) -> str:
    """What a person types before something that cannot be taken back; ``what`` says it, with the name in it."""
    if not sys.stdin.isatty():
        give_up(Exit.USAGE, "There is no terminal to ask on: pass the full name with --typed-name.")
    return str(typer.prompt(f"{what.format(name=clean(name))} Type the name", err=True))


def plain(value: Any) -> Any:
    """Rows as JSON knows them: times in ISO 8601 with their offset, ids as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key: plain(getattr(value, key)) for key in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, date):  # a moment is one, too
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(each) for each in value]
    return value


def cell(value: Any) -> str:
    """One value of a table."""
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, UUID):
        return short(value)
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value)) or "-"
    return str(value)


def _cut(text: str) -> str:
    """A cell that pads no other row of its column beyond reason."""
    return text if len(text) <= WIDEST_CELL else f"{text[: WIDEST_CELL - 1]}…"
