"""``--resolver``: which name server a command asks."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.output import Exit, give_up
from backend.core.resolver import Resolver, parsed_server

ServerOption = Annotated[
    str | None,
    typer.Option("--resolver", metavar="HOST:PORT", help="Ask this name server, not those of this computer."),
]


def resolver_of(server: str | None) -> Resolver:
    """One that asks the server of the option, else those of this computer; ends the command where it is no address."""
    if server is None:
        return Resolver()
    try:
        return Resolver([parsed_server(server)])
    except ValueError:
        give_up(Exit.USAGE, f"{server} is no name server: 192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53 or a name of one.")
