"""``mailyard mail look`` and ``mailyard mail adopt``: a Mailu that somebody else installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.output import AsJobJson, AsJson, Exit, Yes, ask_yes, cell, give_up, say, show_json, show_table
from app.cli.servers import found as found_server
from app.cli.session import agency, changing, client_id
from backend.mail.adopt.requests import AdoptMail, LookAtMail

if TYPE_CHECKING:
    from uuid import UUID

    from app.cli.session import CommandSession
    from backend.mail.adopt.finding import MailFound
    from backend.mail.adopt.queries import MailFinding

Server = Annotated[str, typer.Argument(help="The server's full name, e.g. mx1.example.net.")]


def look(context: typer.Context, server: Server, as_json: AsJson = False) -> None:
    """Read how the Mailu of a server is set up, whoever did it, and where it differs; nothing is changed."""
    with changing(context.obj) as session:
        finding = _looked(session, found_server(session, server).id)
        if as_json:
            show_json(finding)
            return
        _show(finding)


def adopt(
    context: typer.Context,
    server: Server,
    *,
    watch_only: Annotated[bool, typer.Option("--watch-only", help="Without its API: its health alone.")] = False,
    open_api: Annotated[
        bool, typer.Option("--open-api", help="Switch its API on first; admin and front are made anew.")
    ] = False,
    client: Annotated[str, typer.Option(help="The workspace its domains are for; the agency itself if none.")] = "",
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Take over the Mailu that somebody else installed on a server: shows what was found, then asks."""
    if watch_only and open_api:
        give_up(Exit.USAGE, "Give either --watch-only or --open-api.")
    with changing(context.obj) as session:
        row = found_server(session, server)
        owner = client_id(session, client) if client else None
        finding = _looked(session, row.id)
        found = finding.found
        if found is None:
            give_up(Exit.FAILED, "Nothing was found.")
        if not as_json:
            _show(finding)
        ask_yes(_question(row.name, found, watch_only=watch_only, open_api=open_api), yes=yes)
        request = AdoptMail(row.id, found.stamp, with_api=not watch_only, opens_api=open_api, client=owner)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


def _looked(session: CommandSession, server_id: UUID) -> MailFinding:
    """What a look of now found; ends the command where that failed."""
    from backend.mail.adopt.queries import MailFindings

    detail = submit_and_follow(session, LookAtMail(server_id))
    if detail.job.state != "succeeded":
        end_of(session, detail)
    return session.ask(MailFindings(agency(), server_id))


def _question(name: str, found: MailFound, *, watch_only: bool, open_api: bool) -> str:
    what = f"the Mailu {found.mailu_version} on {name}"
    if watch_only:
        return f"Adopt {what}, to be watched only? Nothing is changed on the server."
    if open_api:
        return (
            f"Adopt {what}, with API=true and a new API_TOKEN in {found.env_file}? The containers admin and front are "
            "made anew: mail waits for as long as they take to start."
        )
    return f"Adopt {what}? Nothing is changed on the server."


def _show(finding: MailFinding) -> None:
    found = finding.found
    if found is None:
        return
    told: dict[str, object] = {
        "version": found.mailu_version,
        "host name": found.settings.host_name,
        "files": (*found.files, found.env_file),
        "kept in": found.root,
        "not running": tuple(each.service for each in found.containers if each.state != "running"),
        "api": found.api if not found.api_note else f"{found.api}: {found.api_note}",
        "domains": found.domains,
        "mailboxes": found.mailboxes,
        "overrides": found.overrides,
        "not in force yet": found.pending,
        "changed since it was adopted": tuple(dict.fromkeys(each.name for each in finding.changed)),
    }
    show_table(("found", "value"), [(name, cell(value)) for name, value in told.items()])
    say()
    rows = [(each.name, cell(each.found), cell(each.ours)) for each in found.differences]
    show_table(("setting", "on the server", "as Mailyard would set it up"), rows)
