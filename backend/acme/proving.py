"""Proves the names of an order to its authority, each on its own: one that fails takes no other with it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from backend.acme.client import AcmeClient
from backend.acme.orders import Authorization, Challenge
from backend.acme.ports import ChallengeSolver, Waits
from backend.acme.problems import NO_WAY, NOT_PREPARED, NOT_SHOWN, Problem
from backend.core.errors import MailyardError, NotYet, OutcomeUnknown, ProviderRefused
from backend.core.present.text import _

log = logging.getLogger(__name__)

LATER_S = 60.0


@dataclass(frozen=True)
class Pace:
    """``shown_s`` is how long the world may take to show a proof, ``decided_s`` how long the authority may look at it,
    both within one call; ``every_s`` how often is looked, unless the authority asks for longer pauses."""

    every_s: float = 2.0
    shown_s: float = 300.0
    decided_s: float = 300.0


@dataclass(frozen=True)
class Proving:
    """What came of it. Without ``failed`` the order can be finished; with some, order the others anew: what they proved
    stays proved. ``left`` says which proofs could not be taken away again, empty where all were."""

    proved: tuple[str, ...]
    failed: Mapping[str, Problem]
    left: str = ""


def prove(
    client: AcmeClient, order_url: str, solvers: Sequence[ChallengeSolver], waits: Waits, pace: Pace | None = None
) -> Proving:
    """Show a proof for each name that needs one by the first of ``solvers`` that takes it, and let the authority
    look at those that everybody sees. May be called again at any time.

    The proofs are taken away at the end, and where nobody will go on. They stay where something is to be tried again:
    the authority may be looking at them. Who does not try again calls :func:`withdraw`.

    :raises NotYet: the authority has not decided in time; call again later.
    :raises Cancelled: see :class:`backend.acme.ports.Waits`.
    """
    return _Work(client, waits, pace or Pace()).run(order_url, solvers)


def withdraw(client: AcmeClient, order_url: str, solvers: Sequence[ChallengeSolver], waits: Waits) -> str:
    """Take away what :func:`prove` may have put in place for an order that nobody goes on with, and tell the authority,
    where it would count as pending. What could not be taken away, in words; empty where all was."""
    return _Work(client, waits, Pace()).withdraw(order_url, solvers)


@dataclass
class _Task:
    """One name on its way."""

    authorization: Authorization
    challenge: Challenge
    solver: ChallengeSolver
    is_answered: bool = False
    is_unsure: bool = False
    look_at: datetime | None = None


@dataclass
class _Work:
    """One call of :func:`prove`."""

    client: AcmeClient
    waits: Waits
    pace: Pace
    proved: list[str] = field(default_factory=list)
    failed: dict[str, Problem] = field(default_factory=dict)

    def run(self, order_url: str, solvers: Sequence[ChallengeSolver]) -> Proving:
        tasks, to_prove = self._tasks(order_url, solvers)
        try:
            ready = self._prepared(to_prove)
            self._until(lambda: self._answer(ready), self.pace.shown_s, _("Waiting until everybody sees the proof"))
            answered = self._without_those_not_shown(ready)
            if not self._until(lambda: self._decide(answered), self.pace.decided_s, _("The authority looks")):
                raise self._not_yet(answered)
        except MailyardError as error:
            if not (error.retryable or isinstance(error, NotYet)):
                self._clean(tasks)
            raise
        return Proving(tuple(sorted(self.proved)), dict(self.failed), self._clean(tasks))

    def withdraw(self, order_url: str, solvers: Sequence[ChallengeSolver]) -> str:
        tasks, to_prove = self._tasks(order_url, solvers)
        for task in to_prove:
            self._give_up(task.authorization)
        return self._clean(tasks)

    def _tasks(self, order_url: str, solvers: Sequence[ChallengeSolver]) -> tuple[list[_Task], list[_Task]]:
        """All, and those that still need a proof. Of the others one may still stand, from a run that was cut off."""
        tasks, to_prove = [], []
        for url in self.client.resume(order_url).authorizations:
            self.waits.stop_if_cancelled()
            authorization, _answer = self.client.authorization(url)
            task, is_decided = _task(authorization, solvers), self._is_decided(authorization)
            if task is not None:
                tasks.append(task)
                to_prove += [] if is_decided else [task]
            elif not is_decided:
                self._fail(authorization, Problem(NO_WAY))
        return tasks, to_prove

    def _prepared(self, tasks: Sequence[_Task]) -> list[_Task]:
        """Those whose proof is in place, by one call of each solver."""
        prepared = []
        for _key, group in groupby(sorted(tasks, key=lambda each: id(each.solver)), lambda each: id(each.solver)):
            own = list(group)
            refused = own[0].solver.prepare([each.challenge for each in own])
            for task in own:
                why = refused.get(task.challenge.name)
                if why is None:
                    prepared.append(task)
                else:
                    self._fail(task.authorization, Problem(NOT_PREPARED, told=why))
        return prepared

    def _answer(self, tasks: Sequence[_Task]) -> bool:
        """Tell the authority of each proof that is shown by now; whether all are."""
        for task in tasks:
            self.waits.stop_if_cancelled()
            if not task.is_answered and task.solver.is_shown(task.challenge):
                self._tell(task)
        return all(task.is_answered for task in tasks)

    def _tell(self, task: _Task) -> None:
        """A lost answer is looked up: what is told twice may be refused, and then counts as told."""
        try:
            self.client.answer_challenge(task.challenge)
        except OutcomeUnknown:
            if task.is_unsure:
                raise
            task.is_unsure = True
            authorization, _answer = self.client.authorization(task.authorization.url)
            task.is_answered = authorization.state != "pending"
            return
        except ProviderRefused:
            if not task.is_unsure:
                raise
        task.is_answered = True

    def _without_those_not_shown(self, tasks: Sequence[_Task]) -> list[_Task]:
        for task in tasks:
            if not task.is_answered:
                self._fail(task.authorization, Problem(NOT_SHOWN))
        return [task for task in tasks if task.is_answered]

    def _decide(self, tasks: Sequence[_Task]) -> bool:
        """Ask for those that are not decided yet, none earlier than the authority wants; whether all are."""
        now = self.client.wire.now()
        open_ones = [task for task in tasks if task.authorization.state in ("pending", "processing")]
        for task in open_ones:
            if task.look_at is not None and now < task.look_at:
                continue
            self.waits.stop_if_cancelled()
            task.authorization, answer = self.client.authorization(task.authorization.url)
            task.look_at = answer.again_at
            self._is_decided(task.authorization)
        return all(task.authorization.state not in ("pending", "processing") for task in tasks)

    def _is_decided(self, authorization: Authorization) -> bool:
        if authorization.state == "valid":
            self.proved.append(authorization.name)
        elif authorization.state not in ("pending", "processing"):
            self.failed[authorization.name] = authorization.problem or Problem("unauthorized")
        return authorization.state not in ("pending", "processing")

    def _fail(self, authorization: Authorization, problem: Problem) -> None:
        """Nothing was told to the authority, so nothing counts against us; what waits there would."""
        self.failed[authorization.name] = problem
        self._give_up(authorization)

    def _give_up(self, authorization: Authorization) -> None:
        with suppress(MailyardError):  # it ends by itself in a week
            self.client.give_up(authorization)

    def _until(self, look: Callable[[], bool], limit_s: float, note: str) -> bool:
        found = self.waits.poll(lambda: look() or None, every_s=self.pace.every_s, limit_s=limit_s, note=note)
        return found is not None

    def _not_yet(self, tasks: Sequence[_Task]) -> NotYet:
        asked = [task.look_at for task in tasks if task.look_at is not None]
        later = self.client.wire.now() + timedelta(seconds=LATER_S)
        return NotYet(
            _("{service} has not checked all names yet.").format(service=self.client.wire.service),
            again_at=max([later, *asked]),
        )

    def _clean(self, tasks: Sequence[_Task]) -> str:
        """A certificate is worth more than a record that stays: what fails here is told, and ends nothing."""
        left = []
        for _key, group in groupby(sorted(tasks, key=lambda each: id(each.solver)), lambda each: id(each.solver)):
            own = list(group)
            try:
                own[0].solver.clean([each.challenge for each in own])
            except MailyardError as error:
                log.warning("Proofs were not taken away: %s", error.sentence())
                left.append(error.sentence())
        return " ".join(left)


def _task(authorization: Authorization, solvers: Sequence[ChallengeSolver]) -> _Task | None:
    """By the first solver that takes the name and whose kind the authority offers for it."""
    offered = {each.kind: each for each in authorization.challenges}
    for solver in solvers:
        challenge = offered.get(solver.kind)
        if challenge is not None and solver.takes(challenge.name):
            return _Task(authorization, challenge, solver, is_answered=challenge.state == "processing")
    return None
