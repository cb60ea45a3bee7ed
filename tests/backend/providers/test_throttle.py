"""The throttle against a clock of its own: bursts, order, and the pause a provider asks for."""

from __future__ import annotations

import threading

import pytest

from backend.core.errors import RateLimited
from backend.core.rest.throttle import Throttle
from backend.core.secrets.values import Secret
from backend.wires import digitalocean, linode, vultr
from backend.wires.digitalocean import DigitalOceanWire
from tests.backend.providers.cases import DIGITALOCEAN
from tests.backend.providers.conftest import Cloud


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.during_sleep: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.during_sleep.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def _throttle(time: Time, *, per_minute: float = 60, burst: int = 3) -> Throttle:
    return Throttle(per_minute=per_minute, burst=burst, monotonic=time.monotonic, sleep=time.sleep)


def _passed(throttle: Throttle, time: Time, count: int) -> list[float]:
    """The moments, from now, at which ``count`` calls in a row went out."""
    began, moments = time.now, []
    for _call in range(count):
        assert throttle.wait() == 0.0
        moments.append(round(time.now - began, 6))
    return moments


@pytest.mark.parametrize(
    ("per_minute", "burst", "expected"),
    [
        (60, 3, [0, 0, 0, 1, 2]),
        (60, 1, [0, 1, 2, 3, 4]),
        (240, 2, [0, 0, 0.25, 0.5, 0.75]),
        (60, 5, [0, 0, 0, 0, 0]),
    ],
)
def test_a_burst_goes_at_once_and_the_rest_at_the_rate(
    time: Time, per_minute: float, burst: int, expected: list[float]
) -> None:
    assert _passed(_throttle(time, per_minute=per_minute, burst=burst), time, 5) == expected


def test_a_pause_without_calls_gives_the_burst_back_and_no_more(time: Time) -> None:
    throttle = _throttle(time)
    _passed(throttle, time, 5)
    time.now += 1_000

    assert _passed(throttle, time, 5) == [0, 0, 0, 1, 2]


def test_a_hold_stops_everything_and_no_burst_follows_it(time: Time) -> None:
    throttle = _throttle(time)
    throttle.hold(10)

    assert _passed(throttle, time, 3) == [10, 11, 12]


def test_a_shorter_hold_does_not_shorten_a_longer_one(time: Time) -> None:
    throttle = _throttle(time)
    throttle.hold(10)
    throttle.hold(2)

    assert _passed(throttle, time, 1) == [10]


def test_a_hold_longer_than_a_call_may_wait_is_told_instead_of_slept(time: Time) -> None:
    throttle = _throttle(time)
    throttle.hold(30)

    assert throttle.wait(20) == 30
    assert time.during_sleep == []
    time.now += 15
    assert throttle.wait(20) == 0.0
    assert time.now == 130


def test_a_call_that_waits_already_is_held_too(time: Time) -> None:
    throttle = _throttle(time, burst=1)
    throttle.wait()
    sleep = time.sleep
    held: list[bool] = []

    def interrupted(seconds: float) -> None:
        sleep(seconds)
        if not held:
            held.append(True)
            throttle.hold(10)

    throttle._sleep = interrupted
    began = time.now

    throttle.wait()

    assert time.now - began == 11


def test_callers_take_their_turns_in_order() -> None:
    """Each thread stops in its sleep until the one before it has gone out."""
    turns: list[float] = []
    attach = threading.Lock()

    def sleep(seconds: float) -> None:
        with attach:
            turns.append(round(seconds, 6))

    throttle = Throttle(per_minute=60, burst=1, monotonic=lambda: 0.0, sleep=sleep)
    threads = [threading.Thread(target=throttle.wait) for _thread in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=5)

    assert sorted(turns) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("pace", "seconds", "most"),
    [
        ((digitalocean.PER_MINUTE, digitalocean.BURST), 60, 250),
        ((vultr.PER_MINUTE, vultr.BURST), 1, 30),
        ((linode.PER_MINUTE, linode.BURST), 60, 1_600),
        (linode.LISTS, 60, 200),
        (linode.IMAGE_LISTS, 60, 20),
        (linode.ORDERS, 15, 20),
    ],
    ids=["digitalocean", "vultr", "linode", "linode lists", "linode images", "linode orders"],
)
def test_we_stay_below_each_published_limit_whenever_its_window_begins(
    pace: tuple[int, int], seconds: int, most: int
) -> None:
    per_minute, burst = pace

    assert burst + per_minute * seconds / 60 <= most


@pytest.mark.parametrize("plain_cloud", [DIGITALOCEAN], ids=["digitalocean"], indirect=True)
def test_one_refused_call_holds_the_whole_account(plain_cloud: Cloud, time: Time) -> None:
    token = Secret(plain_cloud.emulator.token)
    wire = DigitalOceanWire(token, endpoint_url=plain_cloud.url, throttle=_throttle(time, burst=60))
    plain_cloud.emulator.fault("429", "GET", "/v2/account", retry_after=7)

    with pytest.raises(RateLimited):
        wire.call("GET", "/v2/account")
    began = time.now
    wire.call("GET", "/v2/regions")
    wire.close()

    assert time.now - began == 7
