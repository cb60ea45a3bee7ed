"""How often we ask Linode: below each of its limits, and what happens when one is met all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.core.errors import RateLimited
from backend.core.rest.throttle import Throttle
from backend.wires import linode as wire
from tests.backend.providers.cases import LINODE, both_modes, mode_name
from tests.backend.providers.conftest import Cloud

linode = pytest.mark.parametrize("cloud", both_modes(LINODE), indirect=True, ids=mode_name)
plain = pytest.mark.parametrize("plain_cloud", [LINODE], indirect=True, ids=["linode"])


@linode
def test_too_many_calls_are_answered_with_the_time_to_wait(cloud: Cloud) -> None:
    cloud.emulator.set("limits", image_lists=0)

    with pytest.raises(RateLimited) as told:
        cloud.driver.snapshots()

    assert told.value.retry_after_s == 60


@plain
def test_each_kind_of_call_has_a_pace_of_its_own(plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    paces = [wire.PER_MINUTE, *(per_minute for per_minute, _burst in (wire.LISTS, wire.IMAGE_LISTS, wire.ORDERS))]
    waited: list[float] = []

    def wait(throttle: Throttle, _longest_hold_s: float = 0.0) -> float:
        waited.append(60 / throttle._interval)
        return 0.0

    monkeypatch.setattr(Throttle, "wait", wait)
    order = plain_cloud.order()

    calls: list[tuple[Callable[[], object], set[int]]] = [
        (plain_cloud.driver.machines, {0, 1}),
        (plain_cloud.driver.snapshots, {0, 1, 2}),
        (lambda: plain_cloud.driver.create(order), {0, 3}),
        (plain_cloud.driver.charges, {0}),
    ]
    for call, kinds in calls:
        waited.clear()
        call()
        assert {paces.index(round(pace)) for pace in waited} == kinds
