"""What commands print, and the exit codes they end with."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, NoReturn
from uuid import UUID

import typer

from backend.core.errors import MailyardError


class Exit(IntEnum):
    """Documented exit codes of every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    WAITS_FOR_YOU = 3
    NO_STORE = 4
    NOT_FOUND = 5
    REFUSED = 6


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def show(rows: Any, *, as_json: bool, columns: Sequence[str] = ()) -> None:
    """Print frozen rows as JSON, or as a table of ``columns``."""
    if as_json:
        typer.echo(json.dumps(_plain(rows), indent=2))
        return
    records = [asdict(row) for row in rows]
    table = [[_cell(record[column]) for column in columns] for record in records]
    widths = [max(map(len, parts)) for parts in zip(columns, *table, strict=True)]
    typer.echo(_line(columns, widths).upper())
    for cells in table:
        typer.echo(_line(cells, widths))


def give_up(code: Exit, words: str) -> NoReturn:
    """Say why on standard error and end with ``code``."""
    typer.echo(words, err=True)
    raise typer.Exit(int(code))


def give_up_on(error: MailyardError, code: Exit = Exit.FAILED) -> NoReturn:
    """End with an error's title and remedy."""
    if error.detail:
        typer.echo(f"({error.detail})", err=True)
    give_up(code, error.sentence())


def read_secret(prompt: str, *, from_stdin: bool) -> str:
    """A secret from standard input or asked for without echo; never from the arguments, which others can see."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt(prompt, hide_input=True))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {key: _plain(getattr(value, key)) for key in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value)) or "-"
    return str(value)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
