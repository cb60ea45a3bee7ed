"""``mailyard server rotate-key``: another SSH login key for servers."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.output import AsJobJson, Exit, give_up, say
from app.cli.servers import found, servers
from app.cli.session import changing
from backend.servers.requests import RotateLoginKey


def rotate_key(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Full names.", show_default=False)] = None,
    due: Annotated[bool, typer.Option("--due", help="All servers whose key is older than 90 days.")] = False,
    overlap_hours: Annotated[int, typer.Option(help="So long the old key stays valid; 0 ends it at once.")] = 24,
    as_json: AsJobJson = False,
) -> None:
    """Renew the SSH login key of servers. The new one is proved first; the job ends when the old one is removed."""
    if bool(names) == due:
        give_up(Exit.USAGE, "Name servers, or pass --due.")
    with changing(context.obj) as session:
        now = session.installation.clock.now()
        rows = [found(session, name) for name in names or ()]
        if due:
            rows = [row for row in servers(session) if row.key_due_at is not None and row.key_due_at <= now]
        if not rows:
            say("No SSH key is due.")
            return
        session.be_able()
        for row in rows[:-1]:
            session.request(RotateLoginKey(row.id, overlap_hours))
        end_of(session, submit_and_follow(session, RotateLoginKey(rows[-1].id, overlap_hours)), as_json=as_json)
