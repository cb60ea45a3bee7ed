"""``mailyard dnsbl``: what blocklists say of an address or a domain, *refused* told apart from *listed*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import AsJson, Exit, give_up, say, show_json, show_table
from app.cli.resolving import ServerOption, resolver_of

if TYPE_CHECKING:
    from backend.authrecords.dnsbl.listing import Listing

COLUMNS = ("zone", "state", "codes", "reason")

app = typer.Typer(no_args_is_help=True)


@app.callback()
def dnsbl() -> None:
    """Keeps ``check`` a command of its own."""


@app.command()
def check(
    subject: Annotated[str, typer.Argument(metavar="IP|DOMAIN", help="An address of IPv4 or IPv6, or a domain.")],
    resolver: ServerOption = None,
    as_json: AsJson = False,
) -> None:
    """Ask the known blocklists. A list that fails its own test points says nothing of anybody."""
    import asyncio

    from backend.authrecords.dnsbl.catalogue import known_lists
    from backend.authrecords.dnsbl.listing import listings
    from backend.authrecords.dnsbl.subject import subject_of

    asked = resolver_of(resolver)
    try:
        plain = str(subject_of(subject))
    except ValueError as error:
        give_up(Exit.USAGE, f"{error}.")
    found = asyncio.run(listings(asked, known_lists(), plain))
    if as_json:
        show_json({"subject": plain, "lists": [_told(each) for each in found]})
        return
    listed = sum(each.state == "listed" for each in found)
    say(f"{plain}: listed by {listed} of {len(found)}")
    rows = sorted(found, key=lambda each: each.state != "listed")
    show_table(COLUMNS, [[each.zone, each.state, " ".join(each.answers), _reason(each)] for each in rows])


def _told(found: Listing) -> Mapping[str, Any]:
    return {"zone": found.zone, "state": found.state, "codes": found.answers, "reason": _reason(found)}


def _reason(found: Listing) -> str:
    """The list's own words, else what its codes mean."""
    return found.reason or ", ".join(found.meanings)
