"""Numbers as providers may tell them: as numbers, as text, as what is none; unknown is never zero, never a crash."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import BadResponse, RateLimited
from backend.core.rest.values import MOST_PAUSE_S, count, finite, micro, moment, moment_of, pause_s, share, whole
from backend.core.rest.wire import DEFAULT_HOLD_S, RestWire
from backend.core.secrets.values import Secret
from backend.providers.digitalocean import metrics as digitalocean_metrics
from backend.providers.digitalocean import parsing as digitalocean
from backend.providers.ec2 import offers as ec2_offers
from backend.providers.ec2 import parsing as ec2
from backend.providers.ec2 import rules as ec2_rules
from backend.providers.ec2.metrics import Metrics
from backend.providers.hostwinds import offers as hostwinds_offers
from backend.providers.hostwinds import parsing as hostwinds
from backend.providers.linode import addresses, billing
from backend.providers.linode import parsing as linode
from backend.providers.ports import Reading
from backend.providers.vultr import parsing as vultr
from backend.wires.aws.errors import Trouble
from backend.wires.digitalocean import DigitalOceanWire
from backend.wires.linode import LinodeWire
from backend.wires.vultr import VultrWire
from tests.ec2.keys import access_key

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MOST = 2**63
NO_NUMBERS: tuple[Any, ...] = (
    *(
        math.nan,
        math.inf,
        -math.inf,
        "NaN",
        "+Inf",
        "-Infinity",
        "sNaN",
        "1e400",
        "1e-",
        "",
        " ",
        "1_000",
        "٣",
        "12 GB",
    ),
    *(True, False, None, [], {}, "9" * 400, 10**400, Decimal("NaN")),
)
odd = st.one_of(
    st.sampled_from(NO_NUMBERS),
    st.floats(),
    st.integers(),
    st.text(max_size=12),
    st.floats().map(str),
    st.integers().map(str),
    st.decimals().map(str),
    st.lists(st.integers(), max_size=2),
)


@pytest.mark.parametrize("told", NO_NUMBERS, ids=lambda told: str(told)[:12] or "nothing")
def test_what_is_no_number_is_unknown(told: Any) -> None:
    assert [read(told) for read in (finite, whole, count, micro, share, pause_s, moment_of)] == [None] * 7


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("-5.50", "-5.50"),
        (" 12.57 ", "12.57"),
        ("1e3", "1000"),
        (0.1, "0.1"),
        (369_967_110_111, "369967110111"),
        (".5", "0.5"),
    ],
)
def test_a_number_is_read_also_where_it_is_told_as_text(told: Any, read: str) -> None:
    assert finite(told) == Decimal(read)


@given(odd)
def test_whatever_is_told_is_a_figure_that_can_be_kept_or_unknown(told: Any) -> None:
    for read in (whole(told), count(told), micro(told)):
        assert read is None or abs(read) < MOST
    size, pause = share(told, 2**30), pause_s(told)
    assert size is None or (math.isfinite(size) and size >= 0)
    assert pause is None or 0 <= pause <= MOST_PAUSE_S
    assert all(at is None or at.tzinfo is UTC for at in (moment_of(told), moment(told)))


def _digitalocean(told: Any) -> list[Any]:
    size = {"price_hourly": told, "price_monthly": told}
    figures = {"vcpus": told, "memory": told, "disk": told, "transfer": told, "min_disk_size": told, **size}
    named = {"id": 1, "name": "a", "slug": "a", **figures}
    return [
        digitalocean.machine({**named, "size": size}),
        digitalocean.plan(named),
        digitalocean.image(named),
        digitalocean.snapshot({**named, "size_gigabytes": told}),
        digitalocean.charges({"account_balance": told, "month_to_date_usage": told}),
        digitalocean.invoice({"amount": told, "date": told}),
    ]


def _ec2(told: Any) -> list[Any]:
    price = {"terms": {"OnDemand": {"a": {"priceDimensions": {"b": {"pricePerUnit": {"USD": told}}}}}}}
    options = {"CoreCount": told, "ThreadsPerCore": told}
    size = ec2_offers._size({"VCpuInfo": {"DefaultVCpus": told}, "MemoryInfo": {"SizeInMiB": told}})
    ports = [{"IpProtocol": "tcp", "FromPort": told, "ToPort": told, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}]
    return [
        ec2.machine("us-east-1", {"InstanceId": "i-1", "CpuOptions": options, "LaunchTime": told}, size, 8),
        ec2.snapshot("us-east-1", {"SnapshotId": "snap-1", "VolumeSize": told, "StartTime": told}),
        ec2_offers._cost("us-east-1", ec2_offers._price(price)[2]),
        ec2_rules.allowed(ec2_rules.known({"IpPermissions": ports})),
    ]


def _hostwinds(told: Any) -> list[Any]:
    figures = dict.fromkeys(("ram", "cpu", "disk", "bandwidth", "bandwidth_used", "power_state", "is_suspended"), told)
    found = hostwinds.instance({"serviceid": "1", "created_at": told, **figures})
    return [
        hostwinds.machine(found, ""),
        hostwinds.usage(found, NOW),
        hostwinds.invoice({"invoiceid": "1", "total": told, "duedate": told}),
        hostwinds_offers._plan("1", {"monthly": told, "hourly": told, **figures}, ()),
        hostwinds_offers._image("1", "a", {"min_disk": told}),
    ]


def _linode(told: Any) -> list[Any]:
    price = {"hourly": told, "monthly": told}
    figures = {"vcpus": told, "memory": told, "disk": told, "transfer": told, "size": told}
    named = {"id": 1, **figures, "specs": figures, "price": price, "region_prices": [{"id": "a", **price}]}
    return [
        linode.machine(named),
        linode.plan(named, {}),
        linode.images([{**named, "capabilities": ["cloud-init"]}]),
        linode.snapshot({**named, "created": told}),
        linode.main_disk([named, named]),
        addresses._a_month({"hourly": told}),
        linode.charges({"balance": told, "balance_uninvoiced": told}),
        billing.usage({"used": told, "quota": told}, {"cpu": [[told, told], [1, told]]}, 1, NOW),
        billing.invoices([{"id": 1, "total": told, "date": told}]),
    ]


def _vultr(told: Any) -> list[Any]:
    cost = {"hourly_cost": told, "monthly_cost": told}
    named = {"id": "1", "vcpu_count": told, "ram": told, "disk": told, "bandwidth": told, "size": told, **cost}
    day = {"incoming_bytes": told, "outgoing_bytes": told}
    return [
        vultr.machine(named),
        vultr.plan({**named, "location_cost": {"a": cost}}),
        vultr.snapshots([named]),
        vultr.charges({"balance": told, "pending_charges": told}),
        vultr.usage({"bandwidth": {"2026-11-01": day, "2026-11-02": day}}, NOW),
        vultr.invoices([{"id": 1, "amount": told, "date": told}]),
    ]


def _figures(found: Any) -> Iterator[float]:
    """All numbers in rows and lists of them."""
    if isinstance(found, int | float):
        yield found
    elif is_dataclass(found):
        yield from _figures([getattr(found, each.name) for each in fields(found)])
    elif isinstance(found, list | tuple):
        for each in found:
            yield from _figures(each)


READINGS: Mapping[str, Callable[[Any], list[Any]]] = {
    "digitalocean": _digitalocean,
    "ec2": _ec2,
    "hostwinds": _hostwinds,
    "linode": _linode,
    "vultr": _vultr,
}


@pytest.mark.parametrize("cloud", READINGS)
@given(told=odd)
def test_no_figure_keeps_the_rest_of_an_answer_from_being_read(cloud: str, told: Any) -> None:
    assert all(math.isfinite(each) and abs(each) < MOST for each in _figures(READINGS[cloud](told)))


@given(st.lists(st.tuples(odd, odd).map(list), max_size=6), st.lists(odd, max_size=3))
def test_series_are_read_past_what_is_no_sample(pairs: list[Any], others: list[Any]) -> None:
    samples = digitalocean_metrics._samples([*pairs, *others])
    received = digitalocean_metrics._bytes(samples, NOW)
    busy = digitalocean_metrics._readings({"idle": samples, "user": samples})

    assert all(math.isfinite(each) for each in samples.values())
    assert received is None or 0 <= received < MOST
    assert all(isinstance(each, Reading) for each in busy)
    assert all(0 <= each.cpu_percent <= 100 for each in billing.readings({"cpu": [*pairs, *others]}, 2))


@pytest.mark.parametrize("gap", ["NaN", "+Inf", "1e400", None])
def test_a_sample_that_is_none_leaves_the_others(gap: Any) -> None:
    samples = digitalocean_metrics._samples([[10, "0.1"], [20, gap], [30, "0.2"], [40, "0.3"]])

    assert samples == {10: 0.1, 30: 0.2, 40: 0.3}


class Told:
    """A way to CloudWatch that tells these points."""

    def __init__(self, *values: Any) -> None:
        self._points = [{"Timestamp": NOW, "Sum": value, "Average": value} for value in values]

    def call(self, *_operation: str, **_parameters: Any) -> dict[str, Any]:
        return {"Datapoints": self._points}

    def listed(self, answer: dict[str, Any], key: str) -> Any:
        return answer[key]


def test_of_cloudwatch_a_sum_with_an_unknown_part_is_unknown_and_the_chart_goes_on() -> None:
    metrics = Metrics(Told(5.0, math.nan, 7.0))  # type: ignore[arg-type]

    usage = metrics.usage("us-east-1/i-0123456789abcdef0")

    assert (usage.received_bytes, usage.sent_bytes) == (None, None)
    assert [each.cpu_percent for each in usage.readings] == [5.0, 7.0]


def test_money_and_traffic_that_change_from_numbers_to_text_are_read_on() -> None:
    charges = vultr.charges({"balance": "-5.50", "pending_charges": "12.57"})
    day = {"incoming_bytes": 369_967_110_111, "outgoing_bytes": "12"}
    usage = vultr.usage({"bandwidth": {"2026-11-01": day}}, NOW)

    assert (charges.balance_micro, charges.so_far_micro) == (-5_500_000, 12_570_000)
    assert (usage.received_bytes, usage.sent_bytes, usage.counted_bytes) == (369_967_110_111, 12, 12)


@pytest.mark.parametrize("unknown", [{"incoming_bytes": 1, "outgoing_bytes": "much"}, {"incoming_bytes": 1}])
def test_a_sum_with_a_part_that_is_unknown_is_unknown(unknown: Any) -> None:
    days = {"2026-11-01": {"incoming_bytes": 1, "outgoing_bytes": 1}, "2026-11-02": unknown}

    usage = vultr.usage({"bandwidth": days}, NOW)

    assert (usage.received_bytes, usage.sent_bytes, usage.counted_bytes) == (2, None, None)


@pytest.mark.parametrize(("told", "sent"), [({}, 0), ([], 0), ("none", None), (None, None), ({"2026-11-01": 7}, None)])
def test_no_day_at_all_is_no_traffic_and_what_is_no_day_is_unknown(told: Any, sent: int | None) -> None:
    assert vultr.usage({"bandwidth": told}, NOW).sent_bytes == sent


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        *((told, DEFAULT_HOLD_S) for told in ("inf", "nan", "-1", "1e400", "soon", "Wed, 21 Oct 2026 07:28:00 GMT")),
        *(("0", 0.0), ("2.5", 2.5), ("999999999", MOST_PAUSE_S)),
    ],
)
@pytest.mark.parametrize("wire", [DigitalOceanWire, LinodeWire, VultrWire], ids=lambda wire: wire.service)
def test_a_pause_that_is_none_is_the_usual_one(wire: type[RestWire], told: str, seconds: float) -> None:
    asked = wire(Secret("t"), endpoint_url="http://127.0.0.1:1")  # type: ignore[call-arg]
    answer = httpx.Response(429, headers={"retry-after": told}, json={"message": "slow", "errors": []})

    error = asked._refusal("GET", answer)
    asked.close()

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == seconds


@pytest.mark.parametrize(("told", "seconds"), [("inf", None), ("nan", None), ("-1", None), ("3", 3.0)])
def test_a_pause_that_amazon_tells_is_read_likewise(told: str, seconds: float | None) -> None:
    about = {"HTTPStatusCode": 503, "HTTPHeaders": {"retry-after": told}}

    assert Trouble.read({"ResponseMetadata": about, "Error": {"Code": "Throttling"}}, "").wait_s == seconds


def _pages(wire: RestWire, *answers: Any) -> RestWire:
    """A way on which these answers come, one a call."""
    left = [*answers]
    wire.call = lambda *_call, **_more: left.pop(0)  # type: ignore[method-assign]
    return wire


@pytest.mark.parametrize("total", [3, "3"])
@pytest.mark.parametrize(
    ("wire", "answer"),
    [
        (DigitalOceanWire, lambda total: {"things": [{"id": 1}], "meta": {"total": total}}),
        (LinodeWire, lambda total: {"data": [{"id": 1}], "pages": 1, "results": total}),
        (VultrWire, lambda total: {"things": [{"id": 1}], "meta": {"total": total}}),
    ],
    ids=["digitalocean", "linode", "vultr"],
)
def test_a_list_that_lacks_something_is_noticed_however_its_total_is_told(wire: Any, answer: Any, total: Any) -> None:
    asked = _pages(wire(Secret("t"), endpoint_url="http://127.0.0.1:1"), answer(total))
    key = () if wire is LinodeWire else ("things",)

    with pytest.raises(BadResponse, match="could not be read"):
        list(asked.pages("/things", *key))  # type: ignore[attr-defined]
    asked.close()


def test_how_many_pages_there_are_is_read_from_text_and_never_guessed() -> None:
    first, second = ({"data": [{"id": number}], "pages": "2", "results": 2} for number in (1, 2))
    asked: Any = _pages(LinodeWire(Secret("t"), endpoint_url="http://127.0.0.1:1"), first, second)
    assert [each["id"] for each in asked.pages("/things")] == [1, 2]

    _pages(asked, {"data": [{"id": 1}], "pages": None})
    with pytest.raises(BadResponse, match="could not be read"):
        list(asked.pages("/things"))
    asked.close()


def test_an_answer_that_amazons_library_cannot_read_is_a_bad_answer() -> None:
    from backend.providers.ec2.wire import Ec2Wire

    def send(**_parameters: Any) -> Any:
        return {"Size": int("1e400")}  # as the library reads a whole number

    wire = Ec2Wire(Secret(access_key("t")), endpoint_url="http://127.0.0.1:1")
    with pytest.raises(BadResponse):
        wire._send(send, {}, where="describe_volumes", is_writing=False)
    wire.close()
