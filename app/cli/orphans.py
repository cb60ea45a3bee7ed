"""``mailyard orphans``: what carries our mark at a provider and belongs to nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import carry_out
from app.cli.output import AsJson, Exit, cell, give_up, moment, say, show_json, show_table, tell
from app.cli.session import CommandSession, changing, reading

if TYPE_CHECKING:
    from backend.inventory.queries import OrphanRow

COLUMNS = ("name", "resource", "account", "region", "plan", "found_at", "provider_id", "monthly")


def orphans(
    context: typer.Context,
    look: Annotated[bool, typer.Option(help="Look at every account first.")] = False,
    as_json: AsJson = False,
) -> None:
    """What carries our mark at a provider and nothing here knows, and what it costs a month."""
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
    from backend.inventory.queries import Orphans

    found = session.ask(Orphans())
    if as_json:
        show_json({"orphans": found.orphans, "looks": found.looks})
        return
    if found.orphans:
        show_table(COLUMNS, [_cells(row) for row in found.orphans])
    else:
        say("No orphans.")
    say()
    for each in found.looks:
        if each.trouble:
            tell(f"{each.account}, {each.resource}: could not be looked at: {each.trouble}")
        else:
            say(f"{each.account}, {each.resource}: looked at {moment(each.looked_at)}")
    if not found.looks:
        tell("No account was looked at yet: mailyard orphans --look")


def _cells(row: OrphanRow) -> list[str]:
    from backend.core.present.format import money

    facts = (row.name, row.resource, row.account, row.region, row.plan, row.found_at, row.provider_id)
    return [*map(cell, facts), money(row.monthly_micro, row.currency)]
