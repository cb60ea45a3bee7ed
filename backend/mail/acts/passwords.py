"""Passwords on their way to a mailbox: kept behind a reference until the server has them, then forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from backend.core.errors import Refused, SecretMissing
from backend.core.present.text import N_, _
from backend.core.secrets.values import Secret, SecretRef
from backend.engine.context import StepContext
from backend.engine.jobs import Done, Step, StepOutcome
from backend.mail.acts.base import MailAct
from backend.mail.requests import OnMail

R = TypeVar("R", bound=OnMail)


class WithPasswords(MailAct[R]):
    """An act that sends passwords. They are forgotten in a step of their own: the change may have to be repeated after
    a kill, and needs them then. A job that is rolled back forgets them, too.
    """

    def steps(self, request: R) -> Sequence[Step[R]]:
        first, *rest = self.before_forgetting(request)
        forget = Step("forget", N_("Forget the passwords"), self._forgotten, 1)
        return (replace(first, undo=self._forget), *rest, forget, self.reading())

    def before_forgetting(self, _request: R) -> Sequence[Step[R]]:
        """What needs the passwords."""
        return (self.changing(),)

    def references(self, request: R) -> Sequence[str]:
        """Where the passwords lie."""
        raise NotImplementedError

    def password(self, ref: str, address: str) -> Secret:
        """The one that is for the address.

        :raises Refused: it is not kept any more.
        """
        try:
            return self._secrets.read(SecretRef(ref))
        except SecretMissing as error:
            raise Refused(
                _("The password for {address} is not kept any more.").format(address=address),
                remedy=_("Request this again, with a password."),
                detail=error.detail,
            ) from error

    def _forgotten(self, ctx: StepContext[R]) -> StepOutcome:
        self._forget(ctx)
        return Done()

    def _forget(self, ctx: StepContext[R]) -> None:
        self._secrets.forget_all([SecretRef(each) for each in self.references(ctx.job.request)])
