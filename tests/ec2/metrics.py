"""CloudWatch's readings of instances, out of what the control ``traffic`` said; moto has none."""

from __future__ import annotations

import json
import math
import time
from typing import Any

from backend.demo.emulator.process import Start
from backend.demo.emulator.wire import Answer
from tests.ec2.query import Call
from tests.ec2.refusals import TOO_MANY_POINTS, bad

MOST_POINTS = 1_440
#: What the control calls a metric, and the statistic that makes sense of it.
METRICS = {"NetworkIn": ("received", "Sum"), "NetworkOut": ("sent", "Sum"), "CPUUtilization": ("cpu", "Average")}


class Metrics:
    """Reads the records of traffic."""

    def __init__(self, start: Start) -> None:
        self._state = start.state

    def statistics(self, call: Call) -> Answer:
        """What is known of no instance has no points; the newest come first, for CloudWatch promises no order."""
        asked = call.parameters
        moments = _moments(call)
        (dimension,) = asked["Dimensions"]
        metric = METRICS.get(str(asked["MetricName"])) if asked["Namespace"] == "AWS/EC2" else None
        traffic = self._state.get("traffic", f"{call.region}/{dimension['Value']}")
        points: list[dict[str, Any]] = []
        if traffic is not None and metric is not None and metric[1] in asked["Statistics"]:
            share = len(moments) if metric[1] == "Sum" else 1
            value, unit = traffic[metric[0]] / share, "Bytes" if metric[1] == "Sum" else "Percent"
            points = [{"Timestamp": at, metric[1]: float(value), "Unit": unit} for at in reversed(moments)]
        body = json.dumps({"Label": asked["MetricName"], "Datapoints": points})
        return Answer(200, body, {"content-type": "application/x-amz-json-1.0"})


def _moments(call: Call) -> list[float]:
    """The beginnings of the periods that have begun, in seconds since 1970."""
    first, last, period_s = (call.parameters[name] for name in ("StartTime", "EndTime", "Period"))
    if first >= last:
        raise bad(call, "The parameter StartTime must be less than the parameter EndTime.")
    if period_s % 60:
        raise bad(call, "The parameter Period must be a multiple of 60.")
    asked = math.ceil((last - first) / period_s)
    if asked > MOST_POINTS:
        raise bad(call, TOO_MANY_POINTS.format(asked=asked, most=MOST_POINTS), "InvalidParameterCombination")
    begun = math.ceil((min(last, time.time()) - first) / period_s)
    return [first + number * period_s for number in range(max(1, begun))]
