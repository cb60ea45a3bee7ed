"""What the account of the test fleet holds for a server, and what it is charged."""

from __future__ import annotations

from datetime import date, timedelta

from backend.bootstrap import Installation
from backend.providers.network import ANYWHERE, MAIL_PORTS
from backend.store.schema.resources import AccountCharge, AccountInvoice, Firewall, ReservedAddress, ServerUsage
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.sample_data.servers import ACCOUNT, server_id

RESERVED_IP, FREE_IP = "198.51.100.7", "198.51.100.8"


def add_attached_resources(installation: Installation, number: int) -> None:
    """A reserved address (and one that is free), a firewall for mail, and the traffic of this month."""
    now, server = installation.clock.now(), server_id(number)
    place = {"tenant_id": AGENCY, "account_id": ACCOUNT, "region": "fra1", "currency": "USD"}
    held = ReservedAddress(
        **place, provider_id=RESERVED_IP, ip=RESERVED_IP, server_id=server, monthly_micro=0, reserved_at=now
    )
    free = ReservedAddress(**place, provider_id=FREE_IP, ip=FREE_IP, monthly_micro=5_000_000, reserved_at=now)
    rules = [{"protocol": "tcp", "ports": str(port), "sources": list(ANYWHERE)} for port in MAIL_PORTS]
    firewall = Firewall(tenant_id=AGENCY, account_id=ACCOUNT, provider_id="f-1", server_id=server, made_at=now)
    firewall.allowed = rules
    usage = ServerUsage(tenant_id=AGENCY, server_id=server, since=now.replace(day=1), source="DigitalOcean API v2")
    usage.received_bytes, usage.sent_bytes, usage.counted_bytes = 31_200_000_000, 18_700_000_000, 18_700_000_000
    usage.included_bytes, usage.cpu_percent = 2_000_000_000_000, 12.5
    usage.read_at = now - timedelta(minutes=5)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add_all((held, free, firewall, usage))


def add_charges(installation: Installation) -> None:
    """Two bills, and a balance read an hour ago."""
    now = installation.clock.now()
    charge = AccountCharge(tenant_id=AGENCY, account_id=ACCOUNT, balance_micro=12_480_000, so_far_micro=27_130_000)
    charge.currency, charge.source, charge.trouble, charge.read_at = "USD", "balance", "", now - timedelta(hours=1)
    bills = [
        AccountInvoice(
            tenant_id=AGENCY, account_id=ACCOUNT, number=number, issued=day, total_micro=total, currency="USD"
        )
        for number, day, total in (
            ("512345678", date(2026, 11, 1), 27_130_000),
            ("498765432", date(2026, 10, 1), 25_860_000),
        )
    ]
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add_all((charge, *bills))
