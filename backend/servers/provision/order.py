"""What a person ordered: read from the wish, checked against what is on offer, and against the price they saw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.prices import priced_in
from backend.providers.ports import Catalogue, Plan
from backend.store.schema.fleet import Account, Offer, Server, Workspace
from backend.store.scope import AGENCY, ScopedSession

# RFC 1123 section 2.1: labels of letters, digits and inner hyphens, 63 each, 253 in all
HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\Z")


@dataclass(frozen=True)
class ServerOrder:
    """A server somebody wants. ``seen_monthly_micro`` is the price on the preview, None where none was shown."""

    name: str
    account_id: UUID
    region: str
    plan: str
    image: str
    workspaces: tuple[UUID, ...] = ()
    seen_monthly_micro: int | None = None

    @classmethod
    def from_wish(cls, wish: Mapping[str, Any]) -> ServerOrder:
        """:raises Refused: the wish lacks a field or holds nonsense."""
        try:
            return cls(
                name=plain_name(str(wish["name"])),
                account_id=UUID(str(wish["account_id"])),
                region=str(wish["region"]),
                plan=str(wish["plan"]),
                image=str(wish["image"]),
                workspaces=tuple(UUID(str(each)) for each in wish.get("workspaces") or ()),
                seen_monthly_micro=wish.get("seen_monthly_micro"),
            )
        except (KeyError, ValueError) as error:
            raise Refused(_("The order is incomplete."), detail=str(error)) from error


def plain_name(text: str) -> str:
    """A host name as it is written and compared here: trimmed, in small letters, without the final dot."""
    return text.strip().lower().rstrip(".")


def check_name(name: str) -> None:
    """:raises Refused: not a full host name."""
    if not HOST_NAME.match(name):
        raise Refused(
            _("{name} is not a full host name.").format(name=name or "''"),
            remedy=_("Write it like mx1.example.net, with its domain."),
        )


def accept_order(session: ScopedSession, order: ServerOrder) -> None:
    """Everything that can be refused without asking the provider.

    :raises Refused: with what to change.
    """
    check_name(order.name)
    account = session.get(Account, (AGENCY, order.account_id))
    if account is None or account.removed_at is not None:
        raise Refused(_("The provider account was removed."), remedy=_("Choose another account."))
    check_name_is_free(session, order.name)
    for workspace in order.workspaces:
        if session.get(Workspace, workspace) is None:
            raise Refused(_("A chosen workspace no longer exists."))
    _check_offered(session, order)


def check_name_is_free(session: ScopedSession, name: str) -> None:
    """:raises Refused: a server has this name."""
    taken = select(Server.id).where(Server.name == name, Server.gone_at.is_(None), Server.life != "failed")
    if session.scalars(taken).first() is not None:
        raise Refused(_("There is already a server named {name}.").format(name=name), remedy=_("Choose another name."))


def check_against(catalogue: Catalogue, order: ServerOrder) -> Plan:
    """The plan as the provider offers it now.

    :raises Refused: something is not on offer (any more).
    """
    plan = next((priced_in(plan, order.region) for plan in catalogue.plans if plan.slug == order.plan), None)
    region = next((region for region in catalogue.regions if region.slug == order.region), None)
    image = next((image for image in catalogue.images if image.slug == order.image), None)
    if plan is None or not plan.available or order.region not in plan.regions:
        raise _not_offered(_("The plan {plan} is not on offer in {region}."), order)
    if region is None or not region.available:
        raise _not_offered(_("The region {region} takes no new servers."), order)
    if image is None or (image.regions and order.region not in image.regions):
        raise _not_offered(_("The image {image} is not on offer in {region}."), order)
    if image.minimum_disk_gb > plan.disk_gb:
        raise _not_offered(_("The image {image} needs a larger disk than {plan} has."), order)
    return plan


def _check_offered(session: ScopedSession, order: ServerOrder) -> None:
    """Against the stored catalogue, where there is one; the provider has the last word in the first step."""
    offers = select(Offer.kind, Offer.slug).where(Offer.account_id == order.account_id)
    known = {(kind, slug) for kind, slug in session.execute(offers)}
    wanted = (("region", order.region), ("plan", order.plan), ("image", order.image))
    missing = [slug for kind, slug in wanted if known and (kind, slug) not in known]
    if missing:
        raise Refused(
            _("Not on offer: {names}.").format(names=", ".join(missing)),
            remedy=_("Choose something from the account's list."),
        )


def _not_offered(template: str, order: ServerOrder) -> Refused:
    words = template.format(plan=order.plan, region=order.region, image=order.image)
    return Refused(words, remedy=_("Choose something else and order again."))
