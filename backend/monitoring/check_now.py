"""The job that samples servers because a person wants to know how they are now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from backend.core.present import format as words
from backend.core.present.text import N_, _, ngettext
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.threads import side_by_side
from backend.monitoring.requests import CheckServers

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.monitoring.probes import SampleServers
    from backend.store.scope import ScopedSession

AT_ONCE = 8


class CheckServersJob:
    """Job ``servers.check``: what was observed is written as the probe writes it; who is silent is counted."""

    request: ClassVar[type[CheckServers]] = CheckServers
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Check servers")
    priority: ClassVar[int] = 5
    owner: ClassVar[Owner] = "agency"

    def __init__(self, sample: SampleServers) -> None:
        self._sample = sample

    def accept(self, _session: ScopedSession, _request: CheckServers) -> Accepted:
        return Accepted(lane="servers.check", about="")

    def steps(self, _request: CheckServers) -> Sequence[Step[CheckServers]]:
        return (Step("look", N_("Read the metrics of each server"), self._look, 10, "server"),)

    def _look(self, ctx: StepContext[CheckServers]) -> StepOutcome:
        """A cancelled job, or an engine that ends, waits for no server any longer."""
        subjects = ctx.job.request.servers
        answered = done = 0
        check = partial(self._sample.check, stop=ctx.is_cancelled)
        with closing(side_by_side(check, subjects, AT_ONCE)) as looks:
            for has_answered in looks:
                answered += has_answered
                done += 1
                ctx.count(done, len(subjects))
                ctx.stop_if_cancelled()
        return Done(checked_words(len(subjects), len(subjects) - answered))


def checked_words(checked: int, silent: int) -> str:
    """'24 checked, 1 silent'."""
    said = ngettext("{n} checked", "{n} checked", checked).format(n=words.number(checked))
    quiet = ngettext("{n} silent", "{n} silent", silent).format(n=words.number(silent))
    return _("{checked}, {silent}").format(checked=said, silent=quiet) if silent else said
