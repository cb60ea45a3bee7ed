"""The compute contract for what a server used and what the account was billed, held by every driver."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from backend.core.errors import NotFound
from tests.backend.providers.conftest import Cloud

RECEIVED, SENT, CPU = 3_000_000_000, 5_000_000_000, 12.5


def near(value: int | None) -> object:
    """Some providers tell rates, not sums."""
    return None if value is None else pytest.approx(value, rel=0.02)


def test_what_a_server_used_this_month_is_told_as_its_provider_counts_it(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("traffic", id=machine.id, received=RECEIVED, sent=SENT, cpu=CPU)

    usage = cloud.driver.usage(machine.id)

    told = cloud.case.tells_traffic
    assert usage.received_bytes == near(RECEIVED if "received" in told else None)
    assert usage.sent_bytes == near(SENT if "sent" in told else None)
    assert usage.counted_bytes == near({"both": RECEIVED + SENT, "sent": SENT, "": None}[cloud.case.counts])
    assert usage.included_bytes == cloud.case.included_bytes
    assert usage.since == datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert usage.source


def test_the_providers_own_readings_of_the_last_day_are_told_oldest_first(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("traffic", id=machine.id, received=RECEIVED, sent=SENT, cpu=CPU)

    readings = cloud.driver.usage(machine.id).readings

    if not cloud.case.tells_cpu:
        assert readings == ()
        return
    assert {round(reading.cpu_percent, 1) for reading in readings} == {CPU}
    moments = [reading.at for reading in readings]
    assert moments == sorted(moments)
    assert (datetime.now(UTC) - moments[0]).days <= 1


def test_a_server_that_used_nothing_yet_is_told_as_such(cloud: Cloud) -> None:
    usage = cloud.driver.usage(cloud.active().id)

    for told in (usage.received_bytes, usage.sent_bytes, usage.counted_bytes):
        assert told in (0, None)


def test_what_a_server_used_that_is_gone_is_not_told(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.driver.delete(machine.id)

    with pytest.raises(NotFound):
        cloud.driver.usage(machine.id)


def test_the_bills_sent_so_far_are_told_newest_first(cloud: Cloud) -> None:
    invoices = cloud.driver.invoices()

    assert cloud.can("invoices") == bool(cloud.case.invoices)
    expected = [(number, date.fromisoformat(day), micro) for number, day, micro in cloud.case.invoices]
    assert [(each.number, each.issued, each.total_micro) for each in invoices] == expected
    assert {each.currency for each in invoices} <= {"USD"}
