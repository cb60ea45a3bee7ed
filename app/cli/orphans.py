"""``mailyard orphans``: what carries our ownership tag at a provider and belongs to nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import submit_and_follow
from app.cli.output import AsJson, Exit, cell, give_up, moment, say, show_json, show_table, tell
from app.cli.session import CommandSession, changing, reading
from backend.inventory.requests import ScanOrphans

if TYPE_CHECKING:
    from backend.inventory.queries import OrphanRow

COLUMNS = ("name", "resource", "account", "region", "plan", "found_at", "provider_id", "monthly")


def orphans(
    context: typer.Context,
    scan: Annotated[bool, typer.Option(help="Scan every account first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Resources with Mailyard's ownership tag that belong to nothing here, and their monthly cost."""
    if scan:
        with changing(context.obj) as session:
            detail = submit_and_follow(session, ScanOrphans())
            if detail.job.state != "succeeded":
                give_up(Exit.FAILED, detail.job.cause or "The accounts could not be scanned.")
            _show(session, as_json=as_json)
        return
    with reading(context.obj) as session:
        _show(session, as_json=as_json)


def _show(session: CommandSession, *, as_json: bool) -> None:
    from backend.inventory.queries import Orphans

    found = session.ask(Orphans(session.installation.features))
    if as_json:
        show_json({"orphans": found.orphans, "scans": found.scans})
        return
    if found.orphans:
        show_table(COLUMNS, [_cells(row) for row in found.orphans])
    else:
        say("No orphaned resources.")
    say()
    for each in found.scans:
        if each.trouble:
            tell(f"{each.account}, {each.resource}: could not be scanned: {each.trouble}")
        else:
            say(f"{each.account}, {each.resource}: scanned {moment(each.checked_at)}")
    if not found.scans:
        tell("No account has been scanned yet: mailyard orphans --scan")


def _cells(row: OrphanRow) -> list[str]:
    from backend.core.present.format import money

    facts = (row.name, row.resource, row.account, row.region, row.plan, row.found_at, row.provider_id)
    return [*map(cell, facts), money(row.monthly_micro, row.currency)]
