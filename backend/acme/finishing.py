"""From an order whose names are proved to a certificate that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.acme.certificates import Issued, checked, preferred
from backend.acme.client import AcmeClient
from backend.acme.keys import signing_request
from backend.acme.orders import Order
from backend.acme.ports import Waits
from backend.acme.problems import ProblemMet, names_refused
from backend.acme.proving import LATER_S, Pace
from backend.core.errors import MailyardError, NotYet, OutcomeUnknown, ProviderRefused, Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret

MOST_HANDED_IN = 3


def finish(
    client: AcmeClient, order_url: str, key: Secret, waits: Waits, *, root: str = "", pace: Pace | None = None
) -> Issued:
    """Hand the request in where that was not done, wait for the certificate, and check it. May be called again at any
    time, with the same ``key``: a lost answer is looked up, nothing is ordered. ``root`` is the common name of the root
    that the chain should lead to, where the authority has several.

    :raises NamesRefused: for some of the names none is issued (CAA, at the last moment); order the others anew.
    :raises NotYet: the authority is not ready in time; call again later.
    :raises WrongCertificate: what it sent is not what was asked for.
    """
    work = _Work(client, order_url, key)
    pace = pace or Pace()
    order = waits.poll(
        work.look, every_s=pace.every_s, limit_s=pace.decided_s, note=_("The authority issues the certificate")
    )
    if order is None:
        raise NotYet(
            _("{service} has not issued the certificate yet.").format(service=client.wire.service),
            again_at=max(work.look_at or client.wire.now(), client.wire.now() + timedelta(seconds=LATER_S)),
        )
    chain = preferred(client.chains(order.certificate), root)
    return checked(chain, key, order.names, client.wire.now(), client.wire.service)


@dataclass
class _Work:
    client: AcmeClient
    order_url: str
    key: Secret
    handed_in: int = 0
    look_at: datetime | None = None

    def look(self) -> Order | None:
        """The order once its certificate is there.

        :raises MailyardError: it will never be.
        """
        if self.look_at is not None and self.client.wire.now() < self.look_at:
            return None
        order, answer = self.client.order_answer(self.order_url)
        if order.state == "valid" and order.certificate:
            return order
        if order.state == "invalid":
            raise self._failed(order)
        if order.state == "pending":
            raise Refused(
                _("Not all names of this order are proved."), remedy=_("Prove them first, or order without them.")
            )
        if order.state == "ready":
            self._hand_in(order)
        else:
            self.look_at = answer.again_at
        return None

    def _hand_in(self, order: Order) -> None:
        """Whether it came through when no answer did, the next look tells: then the order is not ``ready`` any more."""
        self.handed_in += 1
        try:
            self.client.finalize(order, signing_request(self.key, order.names))
        except OutcomeUnknown:
            if self.handed_in == MOST_HANDED_IN:
                raise
        except ProblemMet as met:
            if met.problem.kind != "orderNotReady" or self.handed_in == MOST_HANDED_IN:
                raise self.client.wire.meaning(met) from met

    def _failed(self, order: Order) -> MailyardError:
        service, problem = self.client.wire.service, order.problem
        if problem is not None and (failed := problem.by_name()):
            return names_refused(failed, service, problem.told)
        words = problem.words if problem else _("no reason given")
        return ProviderRefused(
            _("{service} did not issue the certificate: {words}").format(service=service, words=words),
            remedy=_("This order has ended. Order again."),
        )
