"""Monitoring of the emulated droplets: what the control ``traffic`` said, as the service writes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from backend.demo.digitalocean.droplets import Droplets
from backend.demo.digitalocean.refusals import bad_request
from backend.demo.emulator.routes import Handler
from backend.demo.emulator.state import State
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]

LEAST_STEP_S, MOST_SAMPLES = 120, 500
BITS = {"inbound": "received", "outbound": "sent"}
#: Which part of the busy time is spent how; what is left is idle.
SHARES = {"user": 0.7, "system": 0.2, "softirq": 0.1, "iowait": 0.0, "irq": 0.0, "nice": 0.0, "steal": 0.0}


class Metrics:
    """Rates of the month's traffic, spread evenly over it; counters of CPU time that grow as busy as was said."""

    def __init__(self, state: State, droplets: Droplets) -> None:
        self._state = state
        self._droplets = droplets

    def calls(self) -> Iterator[tuple[str, str, Handler]]:
        yield ("GET", "/v2/monitoring/metrics/droplet/bandwidth", self._bandwidth)
        yield ("GET", "/v2/monitoring/metrics/droplet/cpu", self._cpu)

    def _bandwidth(self, request: Request) -> Answer:
        droplet, interface = self._droplet(request), request.query.get("interface", "")
        direction = request.query.get("direction", "")
        if direction not in BITS or interface not in ("public", "private"):
            raise bad_request("interface or direction is invalid")
        labels = {"direction": direction, "host_id": str(droplet["id"]), "interface": interface}
        moved = self._used(droplet)[BITS[direction]] if interface == "public" else 0
        rate = moved * 8 / 1_000_000 / max(1.0, time.time() - _month_began())
        return _matrix([_series(request, labels, lambda _at: f"{rate:.9f}")])

    def _cpu(self, request: Request) -> Answer:
        droplet = self._droplet(request)
        busy = self._used(droplet)["cpu"] / 100
        modes = {"idle": 1 - busy, **{mode: busy * share for mode, share in SHARES.items()}}
        return _matrix([self._mode(request, droplet, mode, share) for mode, share in modes.items()])

    def _mode(self, request: Request, droplet: Record, mode: str, share: float) -> Record:
        labels = {"host_id": str(droplet["id"]), "mode": mode}
        return _series(request, labels, lambda at: f"{(at - _month_began()) * share + 100_000:.2f}")

    def _droplet(self, request: Request) -> Record:
        return self._droplets.get(request.query.get("host_id", ""))

    def _used(self, droplet: Record) -> Record:
        return self._state.get("traffic", str(droplet["id"])) or {"received": 0, "sent": 0, "cpu": 0.0}


def _series(request: Request, labels: Record, value: Callable[[int], str]) -> Record:
    return {"metric": labels, "values": [[at, value(at)] for at in _moments(request)]}


def _moments(request: Request) -> list[int]:
    """The fewer a day the longer the time asked for."""
    try:
        start, end = int(request.query.get("start", "")), int(request.query.get("end", ""))
    except ValueError as error:
        raise bad_request("start and end must be UNIX timestamps") from error
    step = max(LEAST_STEP_S, -(-(end - start) // MOST_SAMPLES))
    return [*range(start, end, step), end]


def _matrix(result: list[Record]) -> Answer:
    return Answer(200, {"status": "success", "data": {"resultType": "matrix", "result": result}})


def _month_began() -> float:
    return datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
