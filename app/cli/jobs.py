"""``mailyard jobs``: list, show, cancel, retry, confirm, roll back."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, get_args
from uuid import UUID

import typer

from app.cli.following import act, end_of, follow
from app.cli.output import (
    AsJobJson,
    AsJson,
    Exit,
    OfWorkspace,
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
from app.cli.servers import found
from app.cli.session import CommandSession, agency, changing, reading, scope_of
from backend.engine.job_actions import CancelJob, ConfirmJob, RetryJob, RollBackJob
from backend.engine.jobs import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backend.engine.job_filter import Origin, Which
    from backend.engine.plan import Question
    from backend.engine.queries import JobDetail, JobRow
    from backend.store.scope import Scope

app = typer.Typer(no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="The job's id, or its beginning.")]
STATES: tuple[str, ...] = get_args(JobState)
LIST = ("id", "title", "about", "state", "percent", "requested_at", "cause")
STEPS = ("number", "key", "title", "state", "tries", "started_at", "ended_at", "note")


@app.command("list")
def list_jobs(
    context: typer.Context,
    as_json: AsJson = False,
    everything: Annotated[bool, typer.Option("--all", help="Include scheduled jobs.")] = False,
    scheduled: Annotated[bool, typer.Option("--scheduled", help="Only scheduled jobs.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="Show at most so many.")] = 500,
    before: Annotated[str, typer.Option(help="Only jobs older than this one: the last of the page before.")] = "",
    state: Annotated[
        list[str] | None, typer.Option(help=f"Only jobs in this state; may be repeated: {', '.join(STATES)}.")
    ] = None,
    kind: Annotated[str, typer.Option(help="Only jobs of this kind, such as server.power.")] = "",
    server: Annotated[str, typer.Option(help="Only jobs about this server: its name or its id.")] = "",
    text: Annotated[str, typer.Option(help="Only jobs with this text in their title or subject.")] = "",
    workspace: OfWorkspace = "",
) -> None:
    """The newest jobs that people started."""
    if everything and scheduled:
        raise typer.BadParameter("--all and --scheduled exclude each other.")
    origin: Origin = "all" if everything else "scheduler" if scheduled else "persons"
    _check_one_of("state", state or (), STATES)
    with reading(context.obj) as session:
        _check_one_of("kind of job", [kind] if kind else [], sorted(session.installation.kinds.names))
        which = _narrowed(session, origin, kind=kind, server=server, text=text)
        rows = _page(session, which, state or (), limit, before, scope=scope_of(session, workspace))
    is_narrowed = bool(state or kind or server or text or before or workspace)
    show(rows, as_json=as_json, columns=LIST, empty="No such jobs." if is_narrowed else "No jobs yet.")


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
        show_question(detail.question, say)
    if detail.log:
        say()
        show_table(("at", "level", "log"), [[moment(line.at), line.level, line.text] for line in detail.log])


@app.command("follow")
def follow_job(context: typer.Context, job: JobId, as_json: AsJobJson = False) -> None:
    """Follow a job to its end; runs it where there is no engine."""
    with changing(context.obj) as session:
        job_id = _id(session, job)
        session.be_able()
        end_of(session, follow(session, job_id), as_json=as_json, good=("succeeded", "rolled_back"))


@app.command()
def cancel(context: typer.Context, job: JobId, as_json: AsJobJson = False) -> None:
    """Stop a job at its next safe point."""
    with changing(context.obj) as session:
        end_of(session, act(session, CancelJob(_id(session, job))), as_json=as_json, good=("cancelled",))


@app.command()
def retry(
    context: typer.Context,
    job: JobId,
    from_step: Annotated[str | None, typer.Option(help="Key of the step to start from; see jobs show.")] = None,
    as_json: AsJobJson = False,
) -> None:
    """Retry a job from where it stopped, or from an earlier step."""
    with changing(context.obj) as session:
        detail = act(session, RetryJob(_id(session, job), from_step))
        end_of(session, detail, as_json=as_json, good=("succeeded", "rolled_back"))


@app.command("roll-back")
def roll_back(context: typer.Context, job: JobId, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Roll a stopped job back: remove what it created."""
    with changing(context.obj) as session:
        detail = _found(session, job)
        done = [step.title for step in detail.steps if step.state not in ("pending", "undone")]
        for title in reversed(done):
            tell(f"  undo: {title}")
        ask_yes(f"Remove what {detail.job.title} {detail.job.about} created?", yes=yes)
        end_of(session, act(session, RollBackJob(detail.job.id)), as_json=as_json, good=("rolled_back",))


@app.command()
def confirm(
    context: typer.Context,
    job: JobId,
    typed_name: Annotated[str, typer.Option(help="The name a destructive job asks for.")] = "",
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Show what a job asks for, then approve it."""
    with changing(context.obj) as session:
        detail = _found(session, job)
        question = detail.question
        if question is None or detail.job.state != "waiting_for_you":
            give_up(Exit.REFUSED, "This job is not awaiting approval.")
        show_question(question, tell)
        typed = typed_name or (question.typed_name and _typed(question.typed_name))
        if not question.typed_name:
            ask_yes(f"{question.act}?", yes=yes)
        answered = act(session, ConfirmJob(detail.job.id, question.fingerprint, typed))
        end_of(session, answered, as_json=as_json)


def _show_head(detail: JobDetail) -> None:
    job = detail.job
    say(f"{job.title} {job.about}".rstrip())
    facts = {
        "id": str(job.id),
        "state": job.state,
        "by": job.author,
        "requested": moment(job.requested_at),
        "ended": moment(job.ended_at),
        "goes on": moment(job.resume_at),
        "cause": f"{job.cause} {job.remedy}".strip(),
    }
    for label, value in facts.items():
        if cell(value) != "-":
            say(f"  {label}: {value}")
    say()


def show_question(question: Question, line: Callable[[str], None]) -> None:
    """Its title and a line for each effect."""
    line(question.title)
    for effect in question.effects:
        line(f"  {effect.label}: {effect.value} {effect.note}".rstrip())
    if question.valid_until is not None:
        line(f"  valid until {moment(question.valid_until)}")


def _typed(name: str) -> str:
    if not sys.stdin.isatty():
        give_up(Exit.USAGE, f"There is no terminal to ask on: pass the name with --typed-name {name}.")
    return str(typer.prompt(f"Type {clean(name)} to continue", err=True))


def _check_one_of(what: str, given: Iterable[str], known: Sequence[str]) -> None:
    for word in given:
        if word not in known:
            give_up(Exit.USAGE, f"There is no {what} named {word}. Choose one of: {', '.join(known)}.")


def _narrowed(session: CommandSession, origin: Origin, *, kind: str, server: str, text: str) -> Which:
    """A server that is gone still has its jobs; ends the command where there neither is nor was one of that name."""
    from backend.engine.job_filter import Which

    which = Which(origin, kind=kind, text=text.strip())
    if not server:
        return which
    try:
        about = Which(about_id=UUID(server))
    except ValueError:
        about = Which(about=server.strip().lower())
    if not _page(session, about, (), 1, "", scope=agency()):
        found(session, server)
    return replace(which, about=about.about, about_id=about.about_id)


def _page(
    session: CommandSession, which: Which, states: Sequence[str], limit: int, before: str, *, scope: Scope
) -> Sequence[JobRow]:
    from backend.engine.queries import Jobs

    if before:
        last = _found(session, before).job
        which = replace(which, before=(last.requested_at, last.id))
    return session.ask(Jobs(scope, session.installation.kinds, tuple(states), which, limit))


def _id(session: CommandSession, beginning: str) -> UUID:
    """The one job whose id begins so; ends the command when none does, or several."""
    try:
        whole = UUID(beginning)
    except ValueError:
        ids = _ids(session, beginning.lower())
    else:
        ids = [whole] if session.detail(whole) is not None else []
    if not ids:
        give_up(Exit.NOT_FOUND, f"No job's id begins with {beginning}. See mailyard jobs list --all.")
    if len(ids) > 1:
        give_up(Exit.NOT_FOUND, f"Several jobs begin with {beginning}: {', '.join(map(str, ids[:5]))}.")
    return ids[0]


def _ids(session: CommandSession, beginning: str) -> list[UUID]:
    from backend.engine.job_filter import Which
    from backend.engine.queries import Jobs

    if len(beginning) > len(str(UUID(int=0))) or set(beginning) - set("0123456789abcdef-"):
        return []
    rows = session.ask(Jobs(agency(), session.installation.kinds, which=Which(id_begins=beginning)))
    return [row.id for row in rows if str(row.id).startswith(beginning)]


def _found(session: CommandSession, beginning: str) -> JobDetail:
    job_id = _id(session, beginning)
    detail = session.detail(job_id)
    if detail is None:
        give_up(Exit.NOT_FOUND, f"The job {job_id} is gone.")
    return detail
