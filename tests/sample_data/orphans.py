"""Orphans of the test fleet's account, and what could not be looked at."""

from __future__ import annotations

from backend.bootstrap import Installation
from backend.store.schema.fleet import Orphan, OrphanScan
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.sample_data.servers import ACCOUNT

LOST_SERVER, LOST_KEY = "lost.example.net", "mailyard-key"


def add_orphans(installation: Installation) -> None:
    """A server that costs, a key that does not, and a list that nobody could read."""
    now = installation.clock.now()
    of = {"tenant_id": AGENCY, "account_id": ACCOUNT}
    with installation.store.write(ENGINE_SCOPE) as session:
        server = {"name": LOST_SERVER, "plan": "s-1vcpu-2gb", "region": "fra1", "monthly_micro": 12_000_000}
        session.add(Orphan(**of, resource="server", provider_id="4711", found_at=now, **server))
        session.add(Orphan(**of, resource="ssh_key", provider_id="8", name=LOST_KEY, monthly_micro=0, found_at=now))
        session.add(OrphanScan(**of, resource="server", checked_at=now, trouble=""))
        session.add(OrphanScan(**of, resource="ssh_key", checked_at=None, trouble="DigitalOcean cannot be reached."))
