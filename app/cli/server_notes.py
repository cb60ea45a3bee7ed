"""``mailyard server tag``, ``server note`` and ``server maintenance``: what people write of a server."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import settle
from app.cli.output import AsJson, Exit, give_up, moment, say, show_json
from app.cli.servers import Name, found
from app.cli.session import changing, reading
from backend.servers.requests import MaintainServer, NoteServer, TagServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.cli.session import CommandSession
    from backend.engine.payload import Request
    from backend.servers.queries import ServerRow

LENGTH = re.compile(r"(\d+)([mhd])")
LONGEST_SAID = 40
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def tag(
    context: typer.Context,
    name: Name,
    tags: Annotated[list[str] | None, typer.Argument(help="Tags to add.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="A tag to remove; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the tags of a server, add some or remove some."""
    add, less = tuple(tags or ()), tuple(remove or ())
    if not add and not less:
        with reading(context.obj) as session:
            row = found(session, name)
    else:
        row = _changed(context, name, lambda row: TagServer(row.id, add, less))
    if as_json:
        show_json({"name": row.name, "tags": list(row.tags)})
    else:
        say(", ".join(row.tags) or f"{row.name} has no tags.")


def note(
    context: typer.Context,
    name: Name,
    text: Annotated[str | None, typer.Argument(help="The note; an empty one removes it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the note on a server, or write it."""
    if text is None:
        with reading(context.obj) as session:
            row = found(session, name)
    else:
        row = _changed(context, name, lambda row: NoteServer(row.id, text))
    if as_json:
        show_json({"name": row.name, "note": row.note})
    else:
        say(row.note or f"{row.name} has no note.")


def maintenance(
    context: typer.Context,
    name: Name,
    until: Annotated[str, typer.Argument(help="How long (30m, 2h, 1d) or until when (2026-12-01 22:30).")] = "",
    end: Annotated[bool, typer.Option("--end", help="End it now.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show, begin or end the maintenance of a server: meanwhile nobody is told that it is not well."""
    if until and end:
        raise typer.BadParameter("--end takes no time.")
    if not until and not end:
        with reading(context.obj) as session:
            row = found(session, name)
    else:
        row = _changed(context, name, lambda row: MaintainServer(row.id, None if end else _moment(until)))
    if as_json:
        show_json({"name": row.name, "maintenance_until": row.maintenance_until})
    elif row.maintenance_until is None:
        say(f"{row.name} is not in maintenance.")
    else:
        say(f"{row.name} is in maintenance until {moment(row.maintenance_until)}.")


def _changed(context: typer.Context, name: str, request: Callable[[ServerRow], Request]) -> ServerRow:
    with changing(context.obj) as session:
        row = found(session, name)
        settle(session, request(row))
        return _again(session, row)


def _again(session: CommandSession, row: ServerRow) -> ServerRow:
    return found(session, str(row.id))


def _moment(text: str) -> datetime:
    """From now on for so long, or a local time of day."""
    said = text.strip()
    length = LENGTH.fullmatch(said)
    if length is None and not _is_moment(said):
        give_up(Exit.USAGE, f"{text!r} is not a time. Enter how long (30m, 2h, 1d) or until when (2026-12-01 22:30).")
    try:
        if length is not None:
            return datetime.now().astimezone() + int(length[1]) * UNITS[length[2]]
        return datetime.fromisoformat(said).astimezone()
    except (OverflowError, ValueError, OSError):  # more digits than a number takes, a year that no clock has
        give_up(Exit.USAGE, f"{_short(text)!r} is too far away.")


def _is_moment(said: str) -> bool:
    try:
        datetime.fromisoformat(said)
    except ValueError:
        return False
    return True


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]}..."
