"""``mailyard schedules``: what is done again and again by itself: list, history, run now, pause, resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.output import AsJobJson, AsJson, Exit, OfWorkspace, give_up, say, show, show_json
from app.cli.session import CommandSession, agency, changing, reading, scope_of
from backend.activity.requests import PauseSchedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.engine.schedule_queries import ScheduleRow
    from backend.store.scope import Scope

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The kind of job, as the list shows it, or the schedule's id.")]
AsOneJson = Annotated[bool, typer.Option("--json", help="Print the schedule as JSON.")]
LIST = ("id", "kind", "title", "every_s", "last_at", "outcome", "next_at", "enabled")
RUNS = ("due_at", "outcome", "reason")


@app.command("list")
def list_schedules(context: typer.Context, as_json: AsJson = False, workspace: OfWorkspace = "") -> None:
    """All schedules, the next one first."""
    with reading(context.obj) as session:
        rows = _schedules(session, scope_of(session, workspace))
    show(rows, as_json=as_json, columns=LIST, empty="No schedules.")


@app.command()
def history(context: typer.Context, schedule: Name, as_json: AsJson = False) -> None:
    """The past runs of a schedule."""
    from backend.engine.schedule_queries import ScheduleHistory

    with reading(context.obj) as session:
        rows = session.ask(ScheduleHistory(agency(), _found(session, schedule).id))
    show(rows, as_json=as_json, columns=RUNS, empty="It has not run yet.")


@app.command()
def run(context: typer.Context, schedule: Name, as_json: AsJobJson = False) -> None:
    """Run a schedule now; its next run stays as planned."""
    with changing(context.obj) as session:
        row = _found(session, schedule)
        if row.request is None:
            give_up(Exit.REFUSED, f"This version of Mailyard does not know {row.kind}.")
        end_of(session, submit_and_follow(session, row.request), as_json=as_json)


@app.command()
def pause(context: typer.Context, schedule: Name, as_json: AsOneJson = False) -> None:
    """Pause a schedule until it is resumed."""
    _set(context, schedule, is_paused=True, as_json=as_json)


@app.command()
def resume(context: typer.Context, schedule: Name, as_json: AsOneJson = False) -> None:
    """Resume a paused schedule from its next run on."""
    _set(context, schedule, is_paused=False, as_json=as_json)


def _set(context: typer.Context, schedule: str, *, is_paused: bool, as_json: bool) -> None:
    from app.cli.following import settle

    with changing(context.obj) as session:
        row = _found(session, schedule)
        settle(session, PauseSchedule(row.id, is_paused=is_paused))
        row = _found(session, str(row.id))
    if as_json:
        show_json(row)
        return
    say(f"{row.title}: {'paused' if is_paused else 'active'}")


def _schedules(session: CommandSession, scope: Scope) -> Sequence[ScheduleRow]:
    from backend.engine.schedule_queries import Schedules

    return session.ask(Schedules(scope, session.installation.kinds))


def _found(session: CommandSession, name: str) -> ScheduleRow:
    rows = [row for row in _schedules(session, agency()) if name == row.kind or str(row.id).startswith(name.lower())]
    if not rows:
        give_up(Exit.NOT_FOUND, f"There is no schedule named {name}. See mailyard schedules list.")
    if len(rows) > 1:
        ids = ", ".join(str(row.id) for row in rows)
        give_up(Exit.NOT_FOUND, f"Several schedules are named {name}. Name one by its id: {ids}.")
    return rows[0]
