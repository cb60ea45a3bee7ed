"""Following a job to its end from a terminal: bounded, and never left alone by an engine that died."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from app.cli.output import Exit, give_up, give_up_on, moment, plain, short, show_json, tell
from app.cli.progress import Progress
from app.cli.session import LOOK_EVERY_S, process
from backend.core.errors import DiskFull, Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from app.cli.session import CommandSession
    from backend.engine.job_actions import JobAction
    from backend.engine.payload import Request
    from backend.engine.queries import JobDetail

HANDLED_S = 30.0
LONGEST_PAUSE = timedelta(minutes=3)
QUIET_S = 5.0
LEAST_FREE_BYTES = 1_000_000


def submit_and_follow(session: CommandSession, request: Request) -> JobDetail:
    """Write a request that starts a job, see that somebody is the engine, and follow the job.

    :raises Refused: the engine refused the request; no job was started.
    :raises SecretStoreLocked: this process would be the engine and could not read a token; nothing was written.
    """
    session.be_able()
    return follow(session, session.request(request))


def settle(session: CommandSession, request: Request) -> None:
    """Write a request that changes rows and starts no job, and wait until it is acted on.

    :raises Refused: it was refused.
    :raises SecretStoreLocked: see :func:`submit_and_follow`.
    """
    session.be_able()
    request_id = session.request(request)
    with _leaving(session, request_id):
        _until_handled(session, request_id, request_id)


def act(session: CommandSession, action: JobAction) -> JobDetail:
    """Write a request about a job, wait until it is acted on, then follow the job.

    :raises Refused: the job does not bear the action now.
    :raises SecretStoreLocked: see :func:`submit_and_follow`.
    """
    session.be_able()
    request_id = session.request(action)
    with _leaving(session, action.job_id):
        _until_handled(session, action.job_id, request_id)
    return follow(session, action.job_id)


def follow(session: CommandSession, job_id: UUID) -> JobDetail:
    """Print each step as it ends, until the job ends or waits for a person.

    Ends the command with *still under way* after ``--wait``, on Ctrl+C, and where the job pauses for long. Where the
    engine dies meanwhile this process goes on as the engine.

    :raises Refused: the engine refused the request with this id.
    """
    progress, end = Progress(), time.monotonic() + session.options.wait_s
    with _leaving(session, job_id):
        _until_handled(session, job_id, job_id)
        while True:
            detail = session.detail(job_id)
            if detail is not None:
                progress.show(detail)
                if _rests(session, detail):
                    progress.close()
                    return detail
            _mind_the_engine(session)
            _mind_the_disk(session, progress.quiet_s)
            if time.monotonic() > end:
                _leave(session, job_id, f"It did not finish within {session.options.wait_s:.0f} s.")
            time.sleep(LOOK_EVERY_S)


def end_of(
    session: CommandSession,
    detail: JobDetail,
    *,
    as_json: bool = False,
    good: Sequence[str] = ("succeeded",),
    more: Mapping[str, object] | None = None,
) -> None:
    """Say how a followed job stands and end the command with its exit code. ``more`` is told beside it as JSON."""
    job = detail.job
    if as_json:
        show_json({**plain(job), "question": detail.question, **(more or {})})
    if job.state in good:
        named = f"{job.title} {job.about}".rstrip()
        tell(f"{named}: {job.state.replace('_', ' ')}.")
        return
    if job.state == "waiting_for_you":
        give_up(Exit.WAITS_FOR_YOU, f"The job awaits approval: mailyard jobs confirm {short(job.id)}")
    if job.state == "waiting_until":
        give_up(Exit.WAITS_FOR_YOU, f"{job.cause} {job.remedy} {_kept(session, job.id)}")
    ways = f"Retry with mailyard jobs retry {short(job.id)}, undo with mailyard jobs roll-back {short(job.id)}."
    give_up(Exit.FAILED, f"{job.cause or job.state.replace('_', ' ')} {job.remedy} {ways}".strip())


def _rests(session: CommandSession, detail: JobDetail) -> bool:
    """Whether nothing more happens before a person does something. A long pause ends the command on the way."""
    from backend.engine.queries import is_ended

    job = detail.job
    if is_ended(job.state) or job.state == "waiting_for_you":
        return True
    if job.state != "waiting_until" or job.resume_at is None:
        return False
    waiting = next((step for step in detail.steps if step.state == "waiting"), None)
    if job.cause and waiting is not None and waiting.tries == 0:
        return True  # a wait that uses up no try is one only a person can end: the secret store is locked
    if job.resume_at - session.installation.clock.now() > LONGEST_PAUSE:
        _leave(
            session, job.id, f"It waits until {moment(job.resume_at)}: {job.cause or (waiting.note if waiting else '')}"
        )
    return False


def _until_handled(session: CommandSession, job_id: UUID, request_id: UUID) -> None:
    """Until the engine, or this process in its place, acted on the request.

    :raises Refused: it was refused.
    """
    end = time.monotonic() + min(HANDLED_S, session.options.wait_s)
    while (outcome := session.outcome(request_id)).is_open:
        _mind_the_engine(session)
        if time.monotonic() > end:
            _leave(session, job_id, "The engine has not handled the request yet.")
        time.sleep(LOOK_EVERY_S)
    if outcome.refusal:
        raise Refused(outcome.refusal)


def _mind_the_engine(session: CommandSession) -> None:
    """Nobody is the engine (any more): then this process is, for its own job and whatever else waits."""
    if not session.is_engine and session.engage():
        tell("No other engine runs: this command carries the job out itself.")


def _mind_the_disk(session: CommandSession, quiet_s: float) -> None:
    """A job waits for as long as the disk is full; a command does not."""
    if quiet_s < QUIET_S:
        return
    session.installation.folder.prepare()
    if shutil.disk_usage(session.installation.folder.root).free < LEAST_FREE_BYTES:
        full = DiskFull(
            "There is no space left for the database.",
            remedy="Free some disk space. The job is kept: the next engine continues it.",
        )
        give_up_on(full, Exit.NO_STORE)


@contextmanager
def _leaving(session: CommandSession, job_id: UUID) -> Iterator[None]:
    """Ctrl+C and SIGTERM end the following, not the job."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before: Callable[[int, FrameType | None], object] | int | None = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        _leave(session, job_id, "You stopped following the job.")
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(session: CommandSession, job_id: UUID, why: str) -> None:
    give_up(Exit.UNDER_WAY, f"{why} {_kept(session, job_id)}")


def _kept(session: CommandSession, job_id: UUID) -> str:
    """Who goes on with a job this command leaves, and where to look."""
    holder = None if session.is_engine else session.presence().holder
    who = f"the engine ({process(holder)})" if holder else "the next engine (the console, or mailyard engine run)"
    return f"The job is kept: {who} continues it. Follow it with mailyard jobs follow {short(job_id)}."
