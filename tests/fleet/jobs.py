"""Jobs in every state, as the engine leaves them in the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

from backend.bootstrap import Installation
from backend.engine.plan import Effect, Question
from backend.store.schema.operations import Job, JobLog, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from tests.fleet.servers import ACCOUNT, server_id, server_name

WAITING, RUNNING, FAILED = (uuid5(NAMESPACE_DNS, f"job-{word}") for word in ("waiting", "running", "failed"))
PROVISION = "server.provision"
NOTES = ("s-1vcpu-2gb in fra1", "login key and first host key made", "", "number 3164494 at the provider")


def add_jobs(installation: Installation) -> None:
    """Write one job of each state, with the steps its kind has."""
    now = installation.clock.now()
    with installation.store.write(ENGINE_SCOPE) as session:
        _add(session, installation, WAITING, "waiting_for_you", number=0, done=3, now=now)
        _add(session, installation, RUNNING, "running", number=4, done=4, now=now)
        _add(session, installation, FAILED, "failed", number=3, done=5, now=now)
        for at, state in enumerate(("succeeded", "succeeded", "cancelled", "rolled_back", "waiting_until", "queued")):
            done = 12 if state == "succeeded" else at
            _add(session, installation, uuid4(), state, number=7 + at, done=done, now=now)


def _add(
    session: ScopedSession,
    installation: Installation,
    job_id: UUID,
    state: str,
    *,
    number: int,
    done: int,
    now: datetime,
) -> None:
    begun = now - timedelta(minutes=3 + 7 * number)
    wish = _wish(number)
    job = Job(tenant_id=AGENCY, id=job_id, kind=PROVISION, version=1, wish=wish, about=server_name(number))
    job.about_id, job.author, job.lane, job.state = server_id(number), "operator", f"server:{number}", state
    job.direction, job.run, job.wished_at, job.started_at = "forward", 1, begun, begun
    _put_cause(job, state, now)
    session.add(job)
    session.flush()
    _add_steps(session, installation, job, done=done, begun=begun)
    for at, text in enumerate(("The order goes out: s-1vcpu-2gb in fra1.", "intent written, waiting for the provider")):
        line = JobLog(tenant_id=AGENCY, id=uuid4(), job_id=job_id, level="info", text=text)
        line.at = begun + timedelta(seconds=at)
        session.add(line)


def _put_cause(job: Job, state: str, now: datetime) -> None:
    if state in ("succeeded", "failed", "cancelled", "rolled_back"):
        job.ended_at = job.wished_at + timedelta(seconds=97)
    if state == "failed":
        job.cause = f"{job.about} does not answer over SSH."
        job.remedy = "Check that the server is switched on and that port 22 is open."
        job.is_retryable = True
    if state == "waiting_until":
        job.cause, job.resume_at = "DigitalOcean asks us to wait.", now + timedelta(minutes=1)
        job.remedy = "We try again by ourselves in 60 s."
    if state == "waiting_for_you":
        effects = (Effect("Cost", "+7.20 USD a month"), Effect("Downtime", "6 to 9 min"), Effect("Mail", "none lost"))
        job.question = Question("Create the server at the new price?", "Create server", effects, "f" * 16).to_json()


def _add_steps(session: ScopedSession, installation: Installation, job: Job, *, done: int, begun: datetime) -> None:
    current = {"running": "running", "failed": "failed", "waiting_for_you": "waiting", "waiting_until": "waiting"}
    at = begun
    for number, step in enumerate(installation.kinds[PROVISION].steps(job.wish)):
        state = "done" if number < done else current.get(job.state, "pending") if number == done else "pending"
        row = JobStep(tenant_id=AGENCY, job_id=job.id, number=number, key=step.key, state=state, result={})
        row.note = NOTES[number] if number < min(done, len(NOTES)) else ""
        if state != "pending":
            row.started_at, at = at, at + timedelta(seconds=step.estimate_s)
        if state in ("done", "failed"):
            row.ended_at = at
        row.percent = 40 if state == "running" else None
        row.note = "waits for the provider" if state == "running" else job.cause if state == "failed" else row.note
        session.add(row)


def _wish(number: int) -> dict[str, Any]:
    order = {"order_id": f"order-{number}", "name": server_name(number), "account_id": str(ACCOUNT)}
    return order | {"region": "fra1", "plan": "s-1vcpu-2gb", "image": "debian-12-x64", "workspaces": []}
