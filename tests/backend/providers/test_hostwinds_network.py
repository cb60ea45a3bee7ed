"""What Hostwinds tells of a server's traffic is read in every form it has been seen in; what it cannot do is sent to
nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from backend.core.errors import NotFound, Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.providers.capabilities import clouds
from backend.providers.hostwinds import parsing
from backend.providers.hostwinds.driver import Hostwinds
from backend.providers.network import MAIL
from backend.providers.ports import Usage
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.hostwinds import changed, hostwinds, nothing_sent
from tests.backend.providers.recorded import answering

SERVER: Mapping[str, Any] = {"serviceid": 798836, "status": "ACTIVE", "power_state": 1, "password": "CANARY-root"}


def _usage(told: Mapping[str, Any], *, is_bare: bool = False) -> Usage:
    raw = {**SERVER, **told}
    with answering({"get_instance": (200, raw if is_bare else {"success": raw})}) as url:
        driver = Hostwinds(Secret("token"), endpoint_url=url)
        found = driver.usage("798836")
        driver.close()
    return found


@pytest.mark.parametrize("is_bare", [False, True], ids=["wrapped", "bare"])
@pytest.mark.parametrize(
    ("used", "counted"),
    [
        ("8000000000", 8_000_000_000),
        (8_000_000_000, 8_000_000_000),
        ("8000000000.0", 8_000_000_000),
        (" 0 ", 0),
        (0, 0),
        (None, None),
        ("", None),
        ("unknown", None),
        ("nan", None),
        (float("8e99"), None),  # no column of ours holds it
        (-1, None),
        (False, None),
        ({"in": 1}, None),
    ],
)
def test_traffic_used_is_read_as_number_text_or_nothing(used: Any, counted: int | None, is_bare: bool) -> None:
    usage = _usage({"bandwidth_used": used, "bandwidth": 2000}, is_bare=is_bare)

    assert (usage.received_bytes, usage.sent_bytes, usage.counted_bytes) == (None, None, counted)
    assert usage.readings == ()
    assert "CANARY" not in repr(usage)


@pytest.mark.parametrize(
    ("told", "included"),
    [
        (2000, 2_000_000_000_000),
        ("2000", 2_000_000_000_000),
        ("2", 2_000_000_000_000),
        (101, 101_000_000_000),
        (None, None),
        (0, None),
        ("0", None),
        (-1, None),
        (False, None),
        (True, None),
        ("unmetered", None),
    ],
)
def test_traffic_included_is_read_whatever_its_unit_and_nothing_is_never_a_limit_of_zero(
    told: Any, included: int | None
) -> None:
    assert _usage({"bandwidth_used": "5", "bandwidth": told}).included_bytes == included


def test_a_server_that_tells_no_traffic_at_all_is_read() -> None:
    usage = _usage({})

    assert (usage.counted_bytes, usage.included_bytes) == (None, None)


def test_the_month_begins_in_utc_whatever_the_clock_is_set_to() -> None:
    found = parsing.instance(SERVER)
    east = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))

    assert parsing.usage(found, east).since == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.usefixtures("pseudo")
def test_where_the_figure_comes_from_is_told_in_the_persons_language() -> None:
    assert _usage({}).source == _("Hostwinds API, start of the period not stated")


@hostwinds
def test_what_a_server_used_that_is_still_shown_as_deleted_is_not_told(cloud: Cloud) -> None:
    machine = cloud.active()
    changed(cloud, machine.id, status="DELETED")

    with pytest.raises(NotFound):
        cloud.driver.usage(machine.id)


@hostwinds
def test_usage_asks_for_the_server_and_nothing_else(cloud: Cloud) -> None:
    machine = cloud.active()

    with nothing_sent(cloud, "get_instance"):
        cloud.driver.usage(machine.id)


@hostwinds
def test_what_no_call_does_with_networks_and_bills_is_sent_to_nobody(cloud: Cloud) -> None:
    with nothing_sent(cloud):
        assert [*cloud.driver.reserved.all(), *cloud.driver.firewalls.all(), *cloud.driver.invoices()] == []
        with pytest.raises(Refused, match="no address moves between servers"):
            cloud.driver.reserved.reserve("798836", "mailyard-1")
        with pytest.raises(Refused, match="rules cannot be set"):
            cloud.driver.firewalls.make("798836", "mailyard-1", MAIL)


def test_the_matrix_says_what_is_not_asked_for() -> None:
    cloud = clouds()["hostwinds"]

    assert not any(cloud.can(row) for row in ("reserved_address", "firewall", "provider_metrics", "invoices"))
    assert cloud.can("traffic")
