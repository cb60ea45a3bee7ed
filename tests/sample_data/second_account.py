"""Another account of the test fleet, at another provider, with a few plans in two regions."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from backend.accounts.offers import keep_offers
from backend.bootstrap import Installation
from backend.core.prices import RegionalPrice
from backend.providers.ports import Catalogue, Image, Plan, Region
from backend.store.schema.fleet import Account
from backend.store.scope import AGENCY, ENGINE_SCOPE

SECOND = uuid5(NAMESPACE_URL, "mailyard:test:second")
REGIONS = (Region("fra", "Frankfurt", True), Region("sao", "Sao Paulo", True), Region("old", "Closed", False))
COSTLY_PLACE = RegionalPrice("sao", 21_000, 15_000_000)
EVERYWHERE = ("fra", "sao", "old")
PLANS = (
    Plan("vc2-1c-1gb", "1 GB", 1, 1024, 25, 1000, 7_000, 5_000_000, "USD", EVERYWHERE, True),
    Plan("vc2-1c-2gb", "2 GB", 1, 2048, 55, 2000, 14_000, 10_000_000, "USD", EVERYWHERE, True, (COSTLY_PLACE,)),
    Plan("vc2-2c-4gb", "4 GB", 2, 4096, 80, 3000, 28_000, 20_000_000, "USD", ("fra",), True),
    Plan("vhf-2gb", "2 GB", 1, 2048, 64, 2000, None, None, "USD", EVERYWHERE, True),
)


def add_second_account(installation: Installation) -> None:
    now = datetime.now(UTC)
    account = Account(tenant_id=AGENCY, id=SECOND, provider="vultr", name="Spare", secret_ref="api_keys/none")
    account.state, account.verified_at, account.created_at = "verified", now, now
    images = (Image("2136", "12 x64 (bookworm)", "Debian", (), 10),)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(account)
        session.flush()
        keep_offers(session, SECOND, Catalogue(REGIONS, PLANS, images, "Vultr API v2"), now)
