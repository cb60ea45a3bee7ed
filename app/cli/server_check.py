"""``mailyard server check``: how servers are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.output import AsJobJson, Exit, give_up, say, show
from app.cli.servers import found, servers
from app.cli.session import CommandSession, changing
from backend.monitoring.requests import CheckServers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.servers.queries import ServerRow

CHECKED = ("name", "health", "health_note", "sampled_at")


def check(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Full names; all servers if none is given.")] = None,
    as_json: AsJobJson = False,
) -> None:
    """Sample servers now, and say how they are."""
    with changing(context.obj) as session:
        rows = _named(session, names) if names else [row for row in servers(session) if row.can_be_sampled]
        if not rows:
            say("There is no server that can be sampled.")
            return
        wanted = tuple(dict.fromkeys(row.id for row in rows))
        job = submit_and_follow(session, CheckServers(wanted))
        if not as_json:
            show([row for row in servers(session) if row.id in wanted], as_json=False, columns=CHECKED)
        end_of(session, job, as_json=as_json)


def _named(session: CommandSession, names: Sequence[str]) -> list[ServerRow]:
    rows = [found(session, name) for name in names]
    silent = [row.name for row in rows if not row.can_be_sampled]
    if silent:
        give_up(Exit.REFUSED, f"Off, not ready or without a login of ours: {', '.join(silent)}. Nothing was sampled.")
    return rows
