"""Jobs in every state, as the engine leaves them in the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

from backend.bootstrap import Installation
from backend.core.present.text import _
from backend.engine.payload import Request, to_plain
from backend.engine.plan import Effect, Question
from backend.store.schema.operations import Job, JobLog, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from tests.sample_data.servers import ACCOUNT, server_id, server_name

WAITING, RUNNING, FAILED = (uuid5(NAMESPACE_DNS, f"job-{word}") for word in ("waiting", "running", "failed"))
PROVISION = "server.provision"
PLAN, PLACE = "s-1vcpu-2gb", "fra1"


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


def add_waiting(
    installation: Installation, request: Request, at: str, *, about: str, direction: str = "forward"
) -> None:
    """A job that waits a day for its next try at that step."""
    kind, now = installation.kinds[request.kind], installation.clock.now()
    job = Job(tenant_id=AGENCY, id=uuid4(), kind=request.kind, version=1, request=to_plain(request), about=about)
    job.author, job.lane, job.state, job.direction = "operator", f"mail:{about}", "waiting_until", direction
    job.run, job.requested_at, job.started_at, job.resume_at = 1, now, now, now + timedelta(days=1)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(job)
        session.flush()
        keys = [step.key for step in kind.steps(request)]
        for number, key in enumerate(keys):
            here = keys.index(at)
            state = "done" if number < here else "waiting" if number == here else "pending"
            row = JobStep(tenant_id=AGENCY, job_id=job.id, number=number, key=key, state=state)
            row.started_at = now if number <= here else None
            session.add(row)


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
    request = _request(number)
    job = Job(tenant_id=AGENCY, id=job_id, kind=PROVISION, version=1, request=request, about=server_name(number))
    job.about_id, job.author, job.lane, job.state = server_id(number), "operator", f"server:{number}", state
    job.direction, job.run, job.requested_at, job.started_at = "forward", 1, begun, begun
    _put_cause(job, state, now)
    session.add(job)
    session.flush()
    _add_steps(session, installation, job, done=done, begun=begun)
    order = _("Sending the order: {plan} in {region}.").format(plan=PLAN, region=PLACE)
    for at, text in enumerate((order, "intent written, waiting for the provider")):
        line = JobLog(tenant_id=AGENCY, id=uuid4(), job_id=job_id, level="info", text=text)
        line.at = begun + timedelta(seconds=at)
        session.add(line)


def _put_cause(job: Job, state: str, now: datetime) -> None:
    if state in ("succeeded", "failed", "cancelled", "rolled_back"):
        job.ended_at = job.requested_at + timedelta(seconds=97)
    if state == "failed":
        job.cause = _("{address} does not respond over SSH.").format(address=job.about)
        job.remedy = _("Check that the server is switched on and that port 22 is open.")
        job.is_retryable = True
    if state == "waiting_until":
        job.cause = _("{service} rate limit reached.").format(service="DigitalOcean")
        job.remedy = _("Mailyard retries automatically in {seconds} s.").format(seconds=60)
        job.resume_at = now + timedelta(minutes=1)
    if state == "waiting_for_you":
        cost, away = Effect(_("Cost"), "+7.20 USD"), Effect(_("Downtime"), "6 - 9 min")
        title = _("{plan} costs more now.").format(plan=PLAN)
        asked = Question(title, _("Create server"), (cost, away, Effect(_("Mail"), _("none lost"))), "f" * 16)
        job.question = to_plain(asked)


def _add_steps(session: ScopedSession, installation: Installation, job: Job, *, done: int, begun: datetime) -> None:
    current = {"running": "running", "failed": "failed", "waiting_for_you": "waiting", "waiting_until": "waiting"}
    at = begun
    for number, step in enumerate(installation.kinds.steps_of(PROVISION, job.request)):
        state = "done" if number < done else current.get(job.state, "pending") if number == done else "pending"
        row = JobStep(tenant_id=AGENCY, job_id=job.id, number=number, key=step.key, state=state, result={})
        row.note = dict(enumerate(_notes())).get(number, "") if number < done else ""
        if state != "pending":
            row.started_at, at = at, at + timedelta(seconds=step.estimate_s)
        if state in ("done", "failed"):
            row.ended_at = at
        row.percent = 40 if state == "running" else None
        row.note = _("waiting for the provider") if state == "running" else job.cause if state == "failed" else row.note
        session.add(row)


def _notes() -> tuple[str, ...]:
    """What the first steps said when they were done."""
    order, made = (
        _("{plan} in {region}").format(plan=PLAN, region=PLACE),
        _("ID {id} at the provider").format(id=3164494),
    )
    return order, _("SSH key and first host key created"), "", made


def _request(number: int) -> dict[str, Any]:
    order = {"order_id": f"order-{number}", "name": server_name(number), "account_id": str(ACCOUNT)}
    return order | {"region": PLACE, "plan": PLAN, "image": "debian-12-x64", "workspaces": []}
