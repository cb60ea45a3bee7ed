"""``mailyard jobs``: list, show, cancel, retry, confirm, roll back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli.following import act, end_of, follow
from app.cli.output import (
    AsJobJson,
    AsJson,
    Exit,
    Yes,
    ask_yes,
    cell,
    clean,
    give_up,
    moment,
    say,
    show,
    show_json,
    show_table,
    tell,
)
from app.cli.session import CommandSession, agency, changing, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.engine.plan import Question
    from backend.engine.queries import JobDetail, JobRow

app = typer.Typer(no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="The job's id, or its beginning.")]
LIST = ("id", "title", "about", "state", "percent", "wished_at", "cause")
STEPS = ("number", "key", "title", "state", "tries", "started_at", "ended_at", "note")


@app.command("list")
def list_jobs(
    context: typer.Context,
    as_json: AsJson = False,
    everything: Annotated[bool, typer.Option("--all", help="Also jobs of the timetable.")] = False,
) -> None:
    """The newest jobs."""
    with reading(context.obj) as session:
        rows = [row for row in _jobs(session) if everything or not row.is_from_timetable]
    show(rows, as_json=as_json, columns=LIST, empty="No jobs yet.")


@app.command("show")
def show_job(context: typer.Context, job: JobId, as_json: AsJson = False) -> None:
    """One job: steps, question, log."""
    with reading(context.obj) as session:
        detail = _found(session, job)
    if as_json:
        show_json(detail)
        return
    _show_head(detail)
    show(detail.steps, as_json=False, columns=STEPS)
    if detail.question is not None:
        say()
        _show_question(detail.question, say)
    if detail.log:
        say()
        show_table(("at", "level", "log"), [[moment(line.at), line.level, line.text] for line in detail.log])


@app.command("follow")
def follow_job(context: typer.Context, job: JobId, as_json: AsJobJson = False) -> None:
    """See a job to its end; carries it out where no engine runs."""
    with changing(context.obj) as session:
        job_id = _id(session, job)
        session.be_able()
        end_of(session, follow(session, job_id), as_json=as_json, good=("succeeded", "rolled_back"))


@app.command()
def cancel(context: typer.Context, job: JobId, as_json: AsJobJson = False) -> None:
    """Stop a job at its next safe point."""
    with changing(context.obj) as session:
        end_of(session, act(session, _id(session, job), "job.cancel"), as_json=as_json, good=("cancelled",))


@app.command()
def retry(
    context: typer.Context,
    job: JobId,
    from_step: Annotated[str | None, typer.Option(help="Key of the step to begin with; see jobs show.")] = None,
    as_json: AsJobJson = False,
) -> None:
    """Go on from where a job stopped, or from an earlier step."""
    with changing(context.obj) as session:
        detail = act(session, _id(session, job), "job.retry", from_step=from_step)
        end_of(session, detail, as_json=as_json, good=("succeeded", "rolled_back"))


@app.command("roll-back")
def roll_back(context: typer.Context, job: JobId, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Remove what a stopped job made."""
    with changing(context.obj) as session:
        detail = _found(session, job)
        done = [step.title for step in detail.steps if step.state not in ("pending", "undone")]
        for title in reversed(done):
            tell(f"  undo: {title}")
        ask_yes(f"Remove what {detail.job.title} {detail.job.about} made?", yes=yes)
        end_of(session, act(session, detail.job.id, "job.roll_back"), as_json=as_json, good=("rolled_back",))


@app.command()
def confirm(
    context: typer.Context,
    job: JobId,
    typed_name: Annotated[str, typer.Option(help="The name a destructive job asks for.")] = "",
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Say yes to what a job waits for, after showing it."""
    with changing(context.obj) as session:
        detail = _found(session, job)
        question = detail.question
        if question is None or detail.job.state != "waiting_for_you":
            give_up(Exit.REFUSED, "This job does not wait for a yes.")
        _show_question(question, tell)
        typed = typed_name or (question.typed_name and _typed(question.typed_name))
        if not question.typed_name:
            ask_yes(f"{question.act}?", yes=yes)
        answered = act(session, detail.job.id, "job.confirm", fingerprint=question.fingerprint, typed_name=typed)
        end_of(session, answered, as_json=as_json)


def _show_head(detail: JobDetail) -> None:
    job = detail.job
    say(f"{job.title} {job.about}".rstrip())
    facts = {
        "id": str(job.id),
        "state": job.state,
        "by": job.author,
        "wished": moment(job.wished_at),
        "ended": moment(job.ended_at),
        "goes on": moment(job.resume_at),
        "cause": f"{job.cause} {job.remedy}".strip(),
    }
    for label, value in facts.items():
        if cell(value) != "-":
            say(f"  {label}: {value}")
    say()


def _show_question(question: Question, line: Callable[[str], None]) -> None:
    line(question.title)
    for effect in question.effects:
        line(f"  {effect.label}: {effect.value} {effect.note}".rstrip())
    if question.valid_until is not None:
        line(f"  valid until {moment(question.valid_until)}")


def _typed(name: str) -> str:
    if not sys.stdin.isatty():
        give_up(Exit.USAGE, f"Nobody can be asked here: give the name again with --typed-name {name}.")
    return str(typer.prompt(f"Type {clean(name)} to go on", err=True))


def _jobs(session: CommandSession) -> Sequence[JobRow]:
    from backend.engine.queries import Jobs

    return session.ask(Jobs(agency(), session.installation.kinds))


def _id(session: CommandSession, beginning: str) -> UUID:
    """The one job whose id begins so; ends the command when none does, or several."""
    try:
        whole = UUID(beginning)
    except ValueError:
        ids = [row.id for row in _jobs(session) if str(row.id).startswith(beginning.lower())]
    else:
        ids = [whole] if session.detail(whole) is not None else []
    if not ids:
        give_up(Exit.NOT_FOUND, f"No job's id begins with {beginning}. See mailyard jobs list --all.")
    if len(ids) > 1:
        give_up(Exit.NOT_FOUND, f"{len(ids)} jobs begin with {beginning}: {', '.join(map(str, ids[:5]))}.")
    return ids[0]


def _found(session: CommandSession, beginning: str) -> JobDetail:
    job_id = _id(session, beginning)
    detail = session.detail(job_id)
    if detail is None:
        give_up(Exit.NOT_FOUND, f"The job {job_id} is gone.")
    return detail
