"""Accounts and what they have on offer, as pages show them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.core.present.text import _
from backend.core.prices import RegionalPrice, moment_of
from backend.store.query import Source
from backend.store.schema.fleet import Account, Offer, Server
from backend.store.scope import AGENCY, Scope


@dataclass(frozen=True)
class AccountRow:
    """``state`` is unverified, verified, refused, unreachable, locked or clock, with ``note`` saying why.

    ``scopes`` are in the provider's words; empty, and ``can_write`` and ``token_ends_at`` None, where it does not tell.
    """

    id: UUID
    name: str
    provider: str
    state: str
    note: str
    holder: str
    scopes: tuple[str, ...]
    can_write: bool | None
    token_ends_at: datetime | None
    servers: int
    verified_at: datetime | None
    checked_at: datetime | None
    endpoint_url: str | None
    token_since: datetime | None = None


@dataclass(frozen=True)
class PlanOffer:
    """A plan in the wizard. Prices in micro-units; ``regions`` are those it can be had in.

    ``price_as_of`` is None where the price was read with the rest, else the day of the file it stands in.
    """

    slug: str
    name: str
    vcpus: int
    memory_mb: int
    disk_gb: int
    transfer_gb: int | None
    hourly_micro: int | None
    monthly_micro: int | None
    currency: str
    regions: tuple[str, ...]
    source: str
    overrides: tuple[RegionalPrice, ...] = ()
    price_as_of: datetime | None = None
    brings_disk: bool = True


@dataclass(frozen=True)
class Choice:
    """A region or image to choose."""

    slug: str
    name: str
    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class OfferRows:
    """All that is on offer in one account, and when it was read (None: never)."""

    regions: tuple[Choice, ...]
    plans: tuple[PlanOffer, ...]
    images: tuple[Choice, ...]
    read_at: datetime | None

    @property
    def debian(self) -> str:
        """The image to propose: Debian 12, which the mail server is tried on; else the first there is."""
        named = (image.slug for image in self.images if _is_debian(image.name))
        return next(named, self.images[0].slug if self.images else "")


@dataclass(frozen=True)
class Accounts:
    """Query: provider accounts that were not removed."""

    topics: ClassVar[tuple[str, ...]] = ("accounts", "servers")

    def run(self, source: Source) -> tuple[AccountRow, ...]:
        counted = select(Server.account_id, func.count()).where(Server.gone_at.is_(None)).group_by(Server.account_id)
        with source.store.read(Scope.of(AGENCY)) as session:
            counts = dict(session.execute(counted).tuples().all())
            rows = session.scalars(select(Account).where(Account.removed_at.is_(None)).order_by(Account.name))
            return tuple(
                AccountRow(
                    id=row.id,
                    name=row.name,
                    provider=row.provider,
                    state=row.state,
                    note=_note(row),
                    holder=row.holder,
                    scopes=tuple(row.scopes),
                    can_write=row.can_write,
                    token_ends_at=row.token_ends_at,
                    servers=counts.get(row.id, 0),
                    verified_at=row.verified_at,
                    checked_at=row.checked_at,
                    endpoint_url=row.endpoint_url,
                    token_since=row.token_since or row.created_at,
                )
                for row in rows
            )


def _note(account: Account) -> str:
    """Where it may do nothing stands beside whatever else is to be said."""
    if not account.closed_regions:
        return account.note
    words = _("Not observed, because the account has no permissions there: {regions}")
    told = words.format(regions=", ".join(account.closed_regions))
    return f"{account.note} {told}".strip()


@dataclass(frozen=True)
class Offers:
    """Query: the catalogue of one account as last read."""

    account_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("offers",)

    def run(self, source: Source) -> OfferRows:
        with source.store.read(Scope.of(AGENCY)) as session:
            rows = list(session.scalars(select(Offer).where(Offer.account_id == self.account_id)))
        by_kind: dict[str, list[dict[str, Any]]] = {"region": [], "plan": [], "image": []}
        for row in rows:
            by_kind[row.kind].append(row.data)
        plans = [plan_of(data) for data in by_kind["plan"] if data["available"]]
        return OfferRows(
            regions=tuple(Choice(each["slug"], each["name"]) for each in by_kind["region"] if each["available"]),
            plans=tuple(sorted(plans, key=cheapest_first)),
            images=tuple(
                Choice(each["slug"], f"{each['distribution']} {each['name']}".strip(), tuple(each["regions"]))
                for each in by_kind["image"]
            ),
            read_at=max((row.read_at for row in rows), default=None),
        )


def cheapest_first(plan: PlanOffer) -> tuple[bool, int, int, str]:
    """What is known to be cheap comes first; what is not known, last."""
    return plan.monthly_micro is None, plan.monthly_micro or 0, plan.memory_mb, plan.slug


def plan_of(data: dict[str, Any]) -> PlanOffer:
    """A plan as its offer's row keeps it."""
    wanted = {key: data[key] for key in PlanOffer.__dataclass_fields__ if key in data}
    overrides = tuple(RegionalPrice(**each) for each in data.get("overrides") or ())
    as_of = moment_of(data.get("price_as_of"))
    return PlanOffer(
        **{**wanted, "regions": tuple(data["regions"]), "overrides": overrides, "price_as_of": as_of},
    )


def _is_debian(name: str) -> bool:
    return bool(re.search(r"\bdebian\b.*\b12\b", name, re.IGNORECASE))
