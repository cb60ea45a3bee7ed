"""How long the Overview's questions take with 1 000 servers, beside the bare sum over the same rows.

``python -m benchmarks.overview``
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from backend.monitoring.fleet_load import fleet_sample, fleet_series
from backend.monitoring.queries import FleetLoad, HottestServers
from backend.store.query import Source
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.installation import held_installation
from tests.sample_data.servers import add_fleet

SERVERS, TIMES, DAY_OF_SAMPLES = 1_000, 20, 288


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, held_installation(Path(folder) / "data") as fleet:
        add_fleet(fleet, SERVERS, samples=3)
        now = int(fleet.clock.now().timestamp())
        sample = fleet_sample([{"cpu": 20.0, "memory": 30.0, "disk": 40.0}])
        day = [(fleet_series(AGENCY), now - 300 * at, sample) for at in range(DAY_OF_SAMPLES)]
        fleet.metrics.add_many(ENGINE_SCOPE, day)
        source = Source(fleet.store, fleet.metrics, fleet.clock.now())
        for name, query in (("load of a day", FleetLoad(AGENCY)), ("the hottest", HottestServers(Scope.of(AGENCY)))):
            _tell(name, _took(lambda query=query: query.run(source)))
        with closing(sqlite3.connect(fleet.folder.metrics_database)) as bare:
            tables = [name for (name,) in bare.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            _tell(
                "every row of every table, bare",
                _took(lambda: [bare.execute(f"SELECT * FROM {t}").fetchall() for t in tables]),
            )


def _took(act: Callable[[], object]) -> list[float]:
    act()
    times = []
    for _each in range(TIMES):
        begun = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - begun))
    return times


def _tell(name: str, times: list[float]) -> None:
    median, worst = statistics.median(times), max(times)
    print(f"{name:32} median {median:6.1f} ms, worst of {len(times)} {worst:6.1f} ms")


if __name__ == "__main__":
    main()
