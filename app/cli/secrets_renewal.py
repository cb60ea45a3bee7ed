"""``mailyard secrets renewal``: whether secrets that are due are renewed without a person's word."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.following import settle
from app.cli.output import AsJson, say, show_json
from app.cli.session import changing, reading
from backend.upkeep.requests import RenewByThemselves


def renewal(
    context: typer.Context,
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Every day at 04:00 UTC, or when a person asks.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show or choose whether secrets are renewed when they are due: SSH keys, and what Mailyard has of mail servers."""
    from backend.upkeep.queries import RenewalByItself

    if on is None:
        with reading(context.obj) as session:
            row = session.ask(RenewalByItself())
    else:
        with changing(context.obj) as session:
            settle(session, RenewByThemselves(on))
            row = session.ask(RenewalByItself())
    if as_json:
        show_json(row)
    elif row.next_at is None:
        say("Secrets that are due are renewed when a person asks for it.")
    else:
        say(f"Secrets that are due are renewed by themselves, next on {row.next_at:%Y-%m-%d at %H:%M} UTC.")
