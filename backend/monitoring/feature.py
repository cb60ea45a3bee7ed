"""The feature of monitoring: samples of servers, what they say of their health, live figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backend.attention import Asked, Need, Told
from backend.feature import Feature, InEngine, Tools

if TYPE_CHECKING:
    from backend.core.checks import CheckKind
    from backend.core.metrics import MetricGroup
    from backend.engine.jobs import AnyKind
    from backend.store.retention import RetentionRule


def _jobs(tools: Tools) -> Sequence[AnyKind]:
    from backend.monitoring.check_now import CheckServersJob
    from backend.monitoring.probes import SampleServers
    from backend.monitoring.reach import OwnNetwork

    network = OwnNetwork(tools.references)
    return (CheckServersJob(SampleServers(tools.store, tools.metrics, tools.servers, network, clock=tools.clock)),)


def _in_engine(tools: Tools) -> InEngine:
    from backend.monitoring.fleet_probe import SampleFleet
    from backend.monitoring.live import LiveWatch
    from backend.monitoring.names import ProviderNames
    from backend.monitoring.network import WatchOwnNetwork
    from backend.monitoring.probes import SampleServers
    from backend.monitoring.reach import OwnNetwork
    from backend.wires.homes import host_of

    network = OwnNetwork(tools.references)
    own = WatchOwnNetwork(tools.store, network, ProviderNames(tools.store, host_of), tools.clock)
    sample = SampleServers(tools.store, tools.metrics, tools.servers, network, clock=tools.clock)
    live = LiveWatch(tools.store, tools.metrics, tools.servers, tools.clock)
    fleet = SampleFleet(tools.store, tools.metrics, tools.clock)
    return InEngine(probes=(sample, own, fleet), parts=(sample, live))


def _checks() -> Sequence[CheckKind]:
    from backend.monitoring.checks import CHECKS

    return CHECKS


def _metrics() -> Sequence[MetricGroup]:
    from backend.fleet.metrics import SERVER_METRICS
    from backend.monitoring.fleet_load import FLEET_METRICS

    return (SERVER_METRICS, FLEET_METRICS)


def _needs(asked: Asked) -> Iterable[Need]:
    from backend.monitoring.needs import needs

    return needs(asked)


def _news(asked: Asked, since: datetime) -> Told:
    from backend.monitoring.news import news

    return news(asked, since)


def _retention() -> Sequence[RetentionRule]:
    from backend.monitoring.retention import RULES

    return RULES


FEATURE = Feature(
    "monitoring",
    jobs=_jobs,
    in_engine=_in_engine,
    checks=_checks,
    metrics=_metrics,
    needs=_needs,
    news=_news,
    topics=frozenset({"servers"}),
    retention=_retention,
)
