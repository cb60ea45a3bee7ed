"""Which account at the provider a token is of, told by the servers that it lists."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import NotFound, Unauthorized
from backend.core.present.text import _
from backend.fleet.clouds import at_same_cloud
from backend.providers.models import closed_in, is_closed
from backend.store.schema.fleet import Account, Server
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.engine.context import StepContext
    from backend.providers.ports import ComputeProvider

MOST_ASKED = 3


def check_same_account(ctx: StepContext[object], account_id: UUID, provider: ComputeProvider) -> None:
    """A token of another account would make every server of this one look deleted.

    :raises Unauthorized: none of the servers of ours that it holds is listed, nor known by its number.
    """
    ours = select(Server.provider_id).where(Server.account_id == account_id, Server.gone_at.is_(None), Server.is_ours)
    with ctx.store.read(ENGINE_SCOPE) as session:
        known = set(session.scalars(ours.where(Server.provider_id.is_not(None), Server.life == "active")))
    if not known:
        return
    listed = provider.machines()
    told = {number for number in known if not is_closed(closed_in(listed), str(number))}
    if (
        told
        and told.isdisjoint(machine.id for machine in listed)
        and not _knows_one_of(provider, sorted(map(str, told)))
    ):
        raise Unauthorized(
            _("None of this account's servers was found: the token seems to belong to another account."),
            remedy=_("Paste a token of the same account, or add the other one as an account of its own."),
        )


def _knows_one_of(provider: ComputeProvider, numbers: Sequence[str]) -> bool:
    """Asked for a few by their numbers: a list may come back empty."""
    for number in numbers[:MOST_ASKED]:
        try:
            provider.get(number)
        except NotFound:
            continue
        return True
    return False


def check_no_twin(ctx: StepContext[object], account_id: UUID, provider: ComputeProvider) -> None:
    """One account at the provider under two tokens would show each of its servers twice.

    :raises Unauthorized: it lists servers of ours that another account here has.
    """
    others = (
        select(Server.provider_id, Account.name)
        .join(Account, Account.id == Server.account_id)
        .where(at_same_cloud(Server.account_id, account_id), Account.id != account_id, Account.removed_at.is_(None))
        .where(Server.is_ours, Server.gone_at.is_(None), Server.provider_id.is_not(None))
    )
    with ctx.store.read(ENGINE_SCOPE) as session:
        names = {str(number): name for number, name in session.execute(others) if number}
    twin = next((names[machine.id] for machine in provider.machines() if machine.id in names), None) if names else None
    if twin is not None:
        raise Unauthorized(
            _("This is the account {name} under another token.").format(name=twin),
            remedy=_("Remove this one, and give {name} the new token.").format(name=twin),
        )
