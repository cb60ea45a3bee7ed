"""A snapshot of one server of the test fleet."""

from __future__ import annotations

from datetime import timedelta

from backend.bootstrap import Installation
from backend.store.schema.fleet import Snapshot
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.sample_data.servers import ACCOUNT, server_id

SNAPSHOT = "before the upgrade mailyard-0a1b2c3d"


def add_snapshot(installation: Installation, number: int) -> None:
    """Taken five hours ago, number 77 at the provider."""
    row = Snapshot(tenant_id=AGENCY, account_id=ACCOUNT, provider_id="77", server_id=server_id(number), name=SNAPSHOT)
    row.size_gb, row.created_at = 2.34, installation.clock.now() - timedelta(hours=5)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(row)
