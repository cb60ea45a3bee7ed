"""An engine that has nothing to do reads, and writes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import event

from backend.core.clock import SystemClock
from backend.engine.probes import ProbeScheduler
from backend.monitoring.live import LiveWatch
from backend.monitoring.names import ProviderNames
from backend.monitoring.network import WatchOwnNetwork
from backend.monitoring.reach import OwnNetwork
from backend.store.database import Store
from backend.store.metrics import MetricStore
from backend.store.scope import AGENCY
from tests.backend.engine.bench import Bench, step, until

WRITING = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE")
TURNS = 5


def test_an_engine_with_nothing_to_do_writes_nothing(own_bench: Bench, store: Store) -> None:
    own = WatchOwnNetwork(store, OwnNetwork([]), ProviderNames(store, str), SystemClock())
    asyncio.run(own.observe(AGENCY))  # its first verdict is news
    no_servers: Any = None
    live = LiveWatch(store, MetricStore(store), no_servers, SystemClock())
    engine = own_bench.start(parts=(ProbeScheduler([own], SystemClock()), live))
    own_bench.wait_for(own_bench.play(step("once")))
    sent: list[str] = []
    for part in ("app", "metrics"):
        event.listen(store.engine(part), "before_cursor_execute", lambda *given: sent.append(given[2]))

    for _turn in range(TURNS):
        before = len(_questions(sent))
        engine.wake()
        until(lambda seen=before: len(_questions(sent)) > seen, "the engine to look for requests")  # type: ignore[misc]
    asyncio.run(own.observe(AGENCY))
    live._turn()

    assert [
        statement for statement in sent if statement.lstrip().startswith(WRITING) or "FOR UPDATE" in statement
    ] == []


def _questions(sent: list[str]) -> list[str]:
    return [statement for statement in sent if "FROM request" in statement]
