"""What a person ordered, checked against what is on offer."""

from __future__ import annotations

import re

from sqlalchemy import select

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.prices import priced_in
from backend.providers.ports import Catalogue, Plan
from backend.servers.requests import ProvisionServer
from backend.store.schema.fleet import Account, Offer, Server, Workspace
from backend.store.scope import AGENCY, ScopedSession

# RFC 1123 section 2.1: labels of letters, digits and inner hyphens, 63 each, 253 in all; RFC 3696 section 2: not all
# digits in the last one, which would be an address
HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)(?!.*\.[0-9]+\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\Z"
)


def check_name(name: str) -> None:
    """:raises Refused: not a full host name."""
    if not HOST_NAME.match(name):
        raise Refused(
            _("{name} is not a full host name.").format(name=name or "''"),
            remedy=_("Enter it with its domain, e.g. mx1.example.net."),
        )


def accept_order(session: ScopedSession, order: ProvisionServer) -> None:
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


def check_against(catalogue: Catalogue, order: ProvisionServer) -> Plan:
    """The plan as the provider offers it now.

    :raises Refused: something is not on offer (any more).
    """
    plan = next((priced_in(plan, order.region) for plan in catalogue.plans if plan.slug == order.plan), None)
    region = next((region for region in catalogue.regions if region.slug == order.region), None)
    image = next((image for image in catalogue.images if image.slug == order.image), None)
    if plan is None or not plan.available or order.region not in plan.regions:
        raise _not_offered(_("The plan {plan} is not available in {region}."), order)
    if region is None or not region.available:
        raise _not_offered(_("The region {region} does not accept new servers."), order)
    if image is None or (image.regions and order.region not in image.regions):
        raise _not_offered(_("The image {image} is not available in {region}."), order)
    if image.minimum_disk_gb > plan.disk_gb:
        raise _not_offered(_("The image {image} needs a larger disk than {plan} has."), order)
    return plan


def _check_offered(session: ScopedSession, order: ProvisionServer) -> None:
    """Against the stored catalogue, where there is one; the provider has the last word in the first step."""
    offers = select(Offer.kind, Offer.slug).where(Offer.account_id == order.account_id)
    known = {(kind, slug) for kind, slug in session.execute(offers)}
    wanted = (("region", order.region), ("plan", order.plan), ("image", order.image))
    missing = [slug for kind, slug in wanted if known and (kind, slug) not in known]
    if missing:
        raise Refused(
            _("Not available: {names}.").format(names=", ".join(missing)),
            remedy=_("Choose from what the account offers."),
        )


def _not_offered(template: str, order: ProvisionServer) -> Refused:
    words = template.format(plan=order.plan, region=order.region, image=order.image)
    return Refused(words, remedy=_("Choose something else and order again."))
