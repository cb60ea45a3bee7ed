"""What CloudWatch has counted of a server: traffic by the hour, and how busy its CPUs were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from backend.core.present.text import _
from backend.core.rest.values import count, finite, month_of
from backend.providers.ec2.parsing import when
from backend.providers.ec2.regions import parted
from backend.providers.ec2.wire import Ec2Wire
from backend.providers.ports import Reading, Usage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: A call tells 1,440 points at most: a month has 744 hours. An instance without detailed monitoring counts every five
#: minutes. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
MONTH_S, DAY_S = 3_600, 300


class Metrics:
    """Asks CloudWatch, by a call of which a million a month are free. Thread-safe.

    https://aws.amazon.com/premiumsupport/knowledge-center/cloudwatch-getmetricdata-api, as of 2026-11-25
    """

    def __init__(self, wire: Ec2Wire) -> None:
        self._wire = wire

    def usage(self, machine_id: str) -> Usage:
        """All that went through its network cards, within Amazon too: what is charged of it Amazon does not tell."""
        now = datetime.now(UTC)
        month = month_of(now)
        points = self._points(machine_id, "CPUUtilization", "Average", now - DAY, DAY_S)
        busy = [(at, percent) for at, percent in points if percent is not None]
        return Usage(
            since=month,
            received_bytes=self._sum(machine_id, "NetworkIn", month),
            sent_bytes=self._sum(machine_id, "NetworkOut", month),
            counted_bytes=None,
            included_bytes=None,
            source=_("Amazon CloudWatch"),
            readings=tuple(Reading(at, percent) for at, percent in sorted(busy)),
        )

    def _sum(self, machine_id: str, metric: str, since: datetime) -> int | None:
        """None where it has counted nothing yet, or an hour's figure cannot be read."""
        points = [value for _at, value in self._points(machine_id, metric, "Sum", since, MONTH_S)]
        known = [value for value in points if value is not None]
        return count(sum(known)) if points and len(known) == len(points) else None

    def _points(
        self, machine_id: str, metric: str, statistic: str, since: datetime, period_s: int
    ) -> Iterator[tuple[datetime, float | None]]:
        """In no order, as CloudWatch has them. It refuses an end that is not after the beginning, be it now."""
        region, number = parted(machine_id)
        answer = self._wire.call(
            "get_metric_statistics",
            region,
            service="cloudwatch",
            Namespace="AWS/EC2",
            MetricName=metric,
            Dimensions=[{"Name": "InstanceId", "Value": number}],
            StartTime=since,
            EndTime=datetime.now(UTC) + HOUR,
            Period=period_s,
            Statistics=[statistic],
        )
        for point in self._wire.listed(answer, "Datapoints"):
            at, value = when(point.get("Timestamp")), finite(point.get(statistic))
            if at is not None and statistic in point:
                yield at, None if value is None else float(value)
