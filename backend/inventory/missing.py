"""Servers that a list lacks: one list is no deletion, so each is asked for by its number."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import MailyardError, NotFound
from backend.core.present.text import ngettext
from backend.providers.models import closed_in, is_closed
from backend.store.schema.fleet import Server
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.providers.ports import ComputeProvider, Machine

#: Asked for in one run: a list that came back empty must not use up the limit of calls. The others wait for the next.
MOST_ASKED = 20


@dataclass(frozen=True)
class AskedFor:
    """What became of the servers that the list lacks: ``there`` all the same, ``gone``, or neither: not known yet."""

    there: Sequence[Machine] = ()
    gone: Set[str] = frozenset()
    left: int = 0

    @property
    def words(self) -> str:
        """Empty where the list said it all."""
        lacking = len(self.there) + self.left
        if not lacking:
            return ""
        return ngettext("{n} not listed and not believed gone", "{n} not listed and not believed gone", lacking).format(
            n=lacking
        )


def ask_for_missing(
    ctx: StepContext[object], account_id: UUID, provider: ComputeProvider, listed: Sequence[Machine]
) -> AskedFor:
    """Ask for each known server that is not in the list, some of them where they are many; outside of any transaction.

    A region that the list leaves out is not asked.
    """
    rows = select(Server.provider_id).where(
        Server.account_id == account_id, Server.gone_at.is_(None), Server.provider_id.is_not(None)
    )
    with ctx.store.read(ENGINE_SCOPE) as session:
        known = {str(number) for number in session.scalars(rows)}
    there: list[Machine] = []
    gone, left = set[str](), 0
    missing = sorted(known - {machine.id for machine in listed})
    for turn, number in enumerate(each for each in missing if not is_closed(closed_in(listed), each)):
        ctx.stop_if_cancelled()
        try:
            if turn < MOST_ASKED:
                there.append(provider.get(number))
            else:
                left += 1
        except NotFound:
            gone.add(number)
        except MailyardError:  # neither there nor gone: the next run asks again
            left += 1
    return AskedFor(there, gone, left)
