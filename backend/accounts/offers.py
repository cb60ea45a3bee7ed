"""Keeps what an account has on offer, so that the wizard needs no socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from backend.providers.ports import Catalogue
from backend.store.changes import Changed, announce
from backend.store.schema.fleet import Offer
from backend.store.scope import AGENCY, ScopedSession


def keep_offers(session: ScopedSession, account_id: UUID, catalogue: Catalogue, now: datetime) -> None:
    """Replace the account's offers by this catalogue, in the caller's transaction."""
    session.execute(delete(Offer).where(Offer.account_id == account_id))
    session.add_all(
        Offer(tenant_id=AGENCY, account_id=account_id, kind=kind, slug=slug, data=data, read_at=now)
        for kind, slug, data in _entries(catalogue)
    )
    announce(session, Changed("offers", AGENCY))


def _entries(catalogue: Catalogue) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for region in catalogue.regions:
        yield "region", region.slug, asdict(region)
    for plan in catalogue.plans:
        as_of = plan.price_as_of.isoformat() if plan.price_as_of else None
        price = {"source": plan.price_source or catalogue.source, "price_as_of": as_of}
        yield "plan", plan.slug, asdict(plan) | price
    for image in catalogue.images:
        yield "image", image.slug, asdict(image)
