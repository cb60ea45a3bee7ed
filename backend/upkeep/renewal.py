"""RenewDueJob: once a day, secrets whose time is over get the jobs that renew them; a person decides whether at all.

The walk: schedule -> job -> what features say is due -> requests of their jobs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid5

from sqlalchemy import select

from backend.core.errors import Refused
from backend.core.present.text import N_, _, ngettext
from backend.engine.jobs import ENDED, Accepted, Done, Owner, Step, StepOutcome
from backend.engine.requests import RequestEnvelope, write_request
from backend.engine.schedule_times import set_paused
from backend.engine.scheduler import Interval, repeating
from backend.engine.settings import Setting
from backend.store.query import Source
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job, RequestRow, Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.upkeep.jobs import next_at
from backend.upkeep.requests import RenewByThemselves, RenewDue

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.feature import DueRenewal, Features
    from backend.store.metrics import MetricStore
    from backend.store.scope import ScopedSession

EVERY = Interval(86_400, grace_s=86_400)
AT_HOUR = 4
MOST_AT_ONCE = 10
#: After a renewal that did not succeed, the same one waits for the next day's look.
NOT_AGAIN_WITHIN = timedelta(hours=20)
AUTHOR = "Mailyard"


class RenewDueJob:
    """Job ``secrets.renew_due``. It asks for renewals, one a server, and waits for none."""

    request: ClassVar[type[RenewDue]] = RenewDue
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Renew secrets that are due")
    priority: ClassVar[int] = 70
    owner: ClassVar[Owner] = "agency"

    def __init__(self, features: Features, metrics: MetricStore) -> None:
        self._features = features
        self._metrics = metrics

    def accept(self, _session: ScopedSession, _request: RenewDue) -> Accepted:
        return Accepted(lane="secrets:due", about="")

    def steps(self, _request: RenewDue) -> Sequence[Step[RenewDue]]:
        return (Step("request", N_("Request the renewals that are due"), self._request, 2),)

    def _request(self, ctx: StepContext[RenewDue]) -> StepOutcome:
        """The longest due first. In one transaction: a run after a kill finds what the one before asked for."""
        due = sorted(self._features.renewals(Source(ctx.store, self._metrics, ctx.now())), key=lambda each: each.due_at)
        due = [each for each in due if each.due_at <= ctx.now()]
        asked, skipped = 0, list[str]()
        with ctx.store.write(ENGINE_SCOPE) as session:
            for each, why in _judged(session, due, ctx):
                if why:
                    skipped.append(_("{server}: not renewed now, {reason}.").format(server=each.server, reason=why))
                    continue
                _ask(session, each, ctx)
                asked += 1
        for words in skipped:
            ctx.say(words, level="warning")
        said = ngettext("{count} renewal requested", "{count} renewals requested", asked).format(count=asked)
        later = ngettext("{n} waits for another day", "{n} wait for another day", len(skipped)).format(n=len(skipped))
        return Done(_("{one}, {other}").format(one=said, other=later) if skipped else said)


def daily(now: datetime) -> Schedule:
    """Every day at 04:00 UTC, once a person switched it on; a day missed is caught up within the next."""
    schedule = repeating(RenewDue(), EVERY, next_at(AT_HOUR, now))
    schedule.enabled = False
    return schedule


def renew_by_themselves(session: ScopedSession, request: RenewByThemselves, now: datetime) -> str:
    """:raises Refused: the schedule is not there."""
    schedule = session.scalars(select(Schedule).where(Schedule.kind == RenewDue.kind).with_for_update()).first()
    if schedule is None:
        raise Refused(_("This schedule no longer exists."))
    set_paused(schedule, now, is_paused=not request.is_on)
    return "on" if request.is_on else "off"


SETTING = Setting(RenewByThemselves, renew_by_themselves)


def _judged(
    session: ScopedSession, due: Sequence[DueRenewal], ctx: StepContext[RenewDue]
) -> Iterator[tuple[DueRenewal, str]]:
    """Each with why it is not asked for now; empty: it is."""
    servers, count = set[UUID](), 0
    for each in due:
        if session.get(RequestRow, (AGENCY, _id_of(each, ctx))) is not None:
            servers.add(each.server_id)  # by a run of this job that was cut off
            count += 1
            continue
        why = _why_not(session, each, ctx.now())
        if each.server_id in servers:
            why = _("another secret of this server is renewed first")
        elif not why and count >= MOST_AT_ONCE:
            why = _("no more than {most} a day").format(most=MOST_AT_ONCE)
        elif not why:
            servers.add(each.server_id)
            count += 1
        yield each, why


def _why_not(session: ScopedSession, each: DueRenewal, now: datetime) -> str:
    server = session.get_one(Server, (AGENCY, each.server_id))
    if server.maintenance_until is not None and server.maintenance_until > now:
        return _("the server is in maintenance")
    if server.power == "off":
        return _("the server is switched off")
    if server.health == "critical":
        return _("the server is not well")
    about = select(Job.id).where(Job.about_id == each.server_id)
    if session.scalars(about.where(Job.state.not_in(ENDED))).first() is not None:
        return _("another job of the server has not ended")
    lately = about.where(Job.kind == each.request.kind, Job.state != "succeeded")
    if session.scalars(lately.where(Job.requested_at > now - NOT_AGAIN_WITHIN)).first() is not None:
        return _("the last renewal did not succeed")
    return ""


def _ask(session: ScopedSession, each: DueRenewal, ctx: StepContext[RenewDue]) -> None:
    write_request(session, RequestEnvelope(AGENCY, each.request, AUTHOR, _id_of(each, ctx)), ctx.now())


def _id_of(each: DueRenewal, ctx: StepContext[RenewDue]) -> UUID:
    """The same in each run of this job."""
    return uuid5(ctx.job.id, f"{each.request.kind} {each.server_id}")
