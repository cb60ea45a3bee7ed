"""What an account has on offer is kept with where each price is from, and of what day it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from backend.accounts.offers import keep_offers
from backend.accounts.queries import Offers
from backend.bootstrap import Installation
from backend.fleet.prices import OfferPrices
from backend.providers.ports import Catalogue, Machine, Plan, Region
from backend.store.query import Source
from backend.store.scope import ENGINE_SCOPE
from tests.installation import open_installation
from tests.sample_data.servers import ACCOUNT, add_fleet

READ_AT, DATED = datetime(2026, 11, 25, 9, 0, tzinfo=UTC), datetime(2026, 7, 20, tzinfo=UTC)
LIVE = Plan("live", "live", 1, 2048, 40, None, 10_000, 7_000_000, "USD", ("here",), True)
FROM_FILE = replace(LIVE, slug="dated", price_source="a dated file", price_as_of=DATED)
UNPRICED = Machine("1", "mx1", "here", "live", "active", "on", (), (), ())


def kept(tmp_path: Path) -> tuple[Installation, UUID]:
    """An installation whose account was read just now."""
    installation = open_installation(tmp_path / "data")
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    add_fleet(installation, 1)
    catalogue = Catalogue((Region("here", "Here", True),), (LIVE, FROM_FILE), (), "the API")
    with installation.store.write(ENGINE_SCOPE) as session:
        keep_offers(session, ACCOUNT, catalogue, READ_AT)
    return installation, ACCOUNT


def test_a_price_tells_where_it_is_from_in_the_wizard_and_in_the_history(tmp_path: Path) -> None:
    installation, account = kept(tmp_path)
    source = Source(installation.store, installation.metrics, READ_AT)

    offered = {plan.slug: (plan.source, plan.price_as_of) for plan in Offers(account).run(source).plans}
    with installation.store.read(ENGINE_SCOPE) as session:
        prices = OfferPrices(session, account)
        nobody = OfferPrices(session, uuid4())
    live, dated = prices.fill(UNPRICED), prices.fill(replace(UNPRICED, plan="dated"))
    installation.close()

    assert offered == {"live": ("the API", None), "dated": ("a dated file", DATED)}
    assert (live.monthly_micro, live.price_source, live.priced_at) == (7_000_000, "the API", READ_AT)
    assert (dated.monthly_micro, dated.price_source, dated.priced_at) == (7_000_000, "a dated file", DATED)
    assert nobody.fill(UNPRICED) == UNPRICED
