"""``mailyard jobs``: list, show, cancel, retry, confirm, roll back."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from app.cli.output import AsJson, Exit, give_up, show
from app.cli.session import CommandSession, changing, end_of, reading

app = typer.Typer(no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="The job's id, or its beginning.")]


@app.command("list")
def list_jobs(
    context: typer.Context,
    as_json: AsJson = False,
    everything: Annotated[bool, typer.Option("--all", help="Also jobs of the timetable.")] = False,
) -> None:
    """The newest jobs."""
    with reading(context.obj) as session:
        rows = [row for row in _jobs(session) if everything or not row.is_from_timetable]
        show(rows, as_json=as_json, columns=("id", "title", "about", "state", "percent", "wished_at", "cause"))


@app.command("show")
def show_job(context: typer.Context, job: JobId, as_json: AsJson = False) -> None:
    """One job: steps, question, log."""
    with reading(context.obj) as session:
        detail = session.detail(_found(session, job))
        assert detail is not None
        if as_json:
            show(detail, as_json=True)
            return
        typer.echo(f"{detail.job.title} {detail.job.about}: {detail.job.state} {detail.job.cause}".rstrip())
        show(detail.steps, as_json=False, columns=("number", "title", "state", "note"))
        for line in detail.log:
            typer.echo(f"{line.at:%H:%M:%S}  {line.text}")


@app.command()
def cancel(context: typer.Context, job: JobId) -> None:
    """Stop a job at its next safe point."""
    _act(context, job, "job.cancel", follow=False)


@app.command()
def retry(
    context: typer.Context,
    job: JobId,
    from_step: Annotated[str | None, typer.Option(help="Key of the step to begin with.")] = None,
) -> None:
    """Go on from where a job stopped, or from an earlier step."""
    _act(context, job, "job.retry", from_step=from_step)


@app.command("roll-back")
def roll_back(context: typer.Context, job: JobId) -> None:
    """Remove what a stopped job made."""
    _act(context, job, "job.roll_back")


@app.command()
def confirm(
    context: typer.Context,
    job: JobId,
    typed_name: Annotated[str, typer.Option(help="The name a destructive job asks for.")] = "",
) -> None:
    """Say yes to what a job waits for, after showing it."""
    with reading(context.obj) as session:
        detail = session.detail(_found(session, job))
        question = detail.question if detail else None
    if question is None:
        give_up(Exit.REFUSED, "This job does not wait for a yes.")
    typer.echo(question.title)
    for effect in question.effects:
        typer.echo(f"  {effect.label}: {effect.value} {effect.note}".rstrip())
    _act(context, job, "job.confirm", fingerprint=question.fingerprint, typed_name=typed_name)


def _act(context: typer.Context, job: str, action: str, *, follow: bool = True, **details: Any) -> None:
    with changing(context.obj) as session:
        job_id = _found(session, job)
        wish = session.wish(action, {"job_id": str(job_id), **details})
        session.taken(wish)
        if follow:
            end_of(session.follow(job_id))


def _jobs(session: CommandSession) -> Any:
    from backend.engine.queries import Jobs
    from backend.store.scope import AGENCY, Scope

    return session.ask(Jobs(Scope.of(AGENCY), session.installation.kinds))


def _found(session: CommandSession, beginning: str) -> UUID:
    matches = [row.id for row in _jobs(session) if str(row.id).startswith(beginning.lower())]
    if len(matches) != 1:
        give_up(Exit.NOT_FOUND, f"{len(matches)} jobs begin with {beginning}.")
    found: UUID = matches[0]
    return found
