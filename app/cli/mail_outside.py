"""``mailyard mail outside``: the mail servers of others that port 25 is tried with."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.following import settle
from app.cli.output import AsJson, Exit, give_up, say, show_json
from app.cli.session import changing, reading
from backend.mail.requests import SetOutside


def outside(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Their full names; shown as they are if none.")] = None,
    default: Annotated[bool, typer.Option("--default", help="Those that come with the program again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show or choose the mail servers of others that a server's port 25 is tried with."""
    from backend.mail.outside import ChosenOutside

    if names and default:
        give_up(Exit.USAGE, "--default takes no names.")
    if names or default:
        with changing(context.obj) as session:
            settle(session, SetOutside(tuple(names or ())))
            row = session.ask(ChosenOutside())
    else:
        with reading(context.obj) as session:
            row = session.ask(ChosenOutside())
    if as_json:
        show_json(row)
        return
    for name in row.names:
        say(name)
