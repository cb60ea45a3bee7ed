"""``mailyard needs`` and ``mailyard news``: what somebody should see to, and what happened."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, OfWorkspace, show
from app.cli.session import CommandSession, reading, scope_of

if TYPE_CHECKING:
    from backend.engine.queries import Jobs

NEEDS = ("status", "title", "detail", "where", "since")
NEWS = ("at", "about", "text")


def needs(context: typer.Context, as_json: AsJson = False, workspace: OfWorkspace = "") -> None:
    """What needs attention, most urgent first."""
    from backend.overview.queries import Overview

    with reading(context.obj) as session:
        rows = session.ask(Overview(_jobs(session, workspace), session.installation.features)).needs
    show(rows, as_json=as_json, columns=NEEDS, empty="Nothing needs your attention.")


def news(
    context: typer.Context,
    as_json: AsJson = False,
    workspace: OfWorkspace = "",
    hours: Annotated[float, typer.Option(min=0.1, max=24 * 90, help="Look back so many hours.")] = 24.0,
) -> None:
    """What happened, newest first."""
    from backend.overview.news import News

    with reading(context.obj) as session:
        since = session.installation.clock.now() - timedelta(hours=hours)
        rows = session.ask(News(_jobs(session, workspace), session.installation.features, since)).lines
    show(rows, as_json=as_json, columns=NEWS, empty="Nothing happened.")


def _jobs(session: CommandSession, workspace: str) -> Jobs:
    from backend.engine.queries import Jobs

    return Jobs(scope_of(session, workspace), session.installation.kinds)
