"""``mailyard orphans``: what carries our mark at a provider and belongs to nothing here."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.following import carry_out
from app.cli.output import AsJson, Exit, give_up, moment, say, show, show_json, tell
from app.cli.session import CommandSession, changing, reading

COLUMNS = ("name", "resource", "account", "region", "plan", "monthly", "found_at", "provider_id")


def orphans(
    context: typer.Context,
    look: Annotated[bool, typer.Option(help="Look at every account first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Servers and login keys with our mark that nothing here knows, and what they cost a month."""
    if look:
        with changing(context.obj) as session:
            detail = carry_out(session, "orphans.look", {})
            if detail.job.state != "succeeded":
                give_up(Exit.FAILED, detail.job.cause or "The accounts could not be looked at.")
            _show(session, as_json=as_json)
        return
    with reading(context.obj) as session:
        _show(session, as_json=as_json)


def _show(session: CommandSession, *, as_json: bool) -> None:
    from backend.core.present.format import money
    from backend.inventory.queries import Orphans

    found = session.ask(Orphans())
    if as_json:
        show_json({"orphans": found.orphans, "looks": found.looks})
        return
    lines = [_Line(row, money(row.monthly_micro, row.currency)) for row in found.orphans]
    show(lines, as_json=False, columns=COLUMNS, empty="No orphans.")
    say()
    for each in found.looks:
        if each.trouble:
            tell(f"{each.account}, {each.resource}: could not be looked at: {each.trouble}")
        else:
            say(f"{each.account}, {each.resource}: looked at {moment(each.looked_at)}")
    if not found.looks:
        tell("No account was looked at yet: mailyard orphans --look")


class _Line:
    """A row with its price in words."""

    def __init__(self, row: object, monthly: str) -> None:
        self._row, self.monthly = row, monthly

    def __getattr__(self, name: str) -> object:
        return getattr(self._row, name)
