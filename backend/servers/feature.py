"""The feature of servers: made, changed and destroyed, with their snapshots, addresses and firewalls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backend.attention import Asked, Ending, Need, Told
from backend.feature import DueRenewal, Feature, InEngine, NeededSecret, PaidResource, Tools

if TYPE_CHECKING:
    from backend.engine.jobs import AnyKind
    from backend.engine.payload import Request
    from backend.servers.repository import ServerRepository
    from backend.store.query import Source
    from backend.store.retention import RetentionRule
    from backend.store.scope import ScopedSession


def _jobs(tools: Tools) -> Sequence[AnyKind]:
    from backend.engine.intents import IntentJournal
    from backend.servers.reconcile import ReconcileIntentsJob
    from backend.servers.repository import ServerRepository

    repository, journal = ServerRepository(tools.store), IntentJournal(tools.store, tools.clock)
    return (
        *_of_the_server(tools, repository),
        *_of_its_snapshots(tools, repository),
        *_of_its_network(tools, repository),
        ReconcileIntentsJob(tools.accounts, journal, tools.features.paid()),
    )


def _of_the_server(tools: Tools, repository: ServerRepository) -> Sequence[AnyKind]:
    from backend.servers.actions.login_key import RotateLoginKeyJob
    from backend.servers.actions.management import ManageServerJob, UnmanageServerJob
    from backend.servers.actions.paid_resize import PaidResizeSteps
    from backend.servers.actions.power import DestroyServerJob, PowerServerJob
    from backend.servers.actions.resize import ResizeServerJob
    from backend.servers.provision.create import CreateSteps
    from backend.servers.provision.first_login import FirstLogin
    from backend.servers.provision.job import ProvisionServerJob
    from backend.servers.provision.verification import IdentityVerification

    accounts, servers, secrets = tools.accounts, tools.servers, tools.secrets
    verification = IdentityVerification(servers, secrets, repository, tools.metrics)
    first_login = FirstLogin(accounts, servers, secrets, verification)
    return (
        ProvisionServerJob(CreateSteps(accounts, secrets, repository), first_login, verification),
        PowerServerJob(accounts, servers, repository),
        ResizeServerJob(accounts, PaidResizeSteps(accounts, servers), repository),
        RotateLoginKeyJob(servers, secrets, repository),
        DestroyServerJob(accounts, secrets, repository),
        ManageServerJob(repository),
        UnmanageServerJob(repository),
    )


def _of_its_snapshots(tools: Tools, repository: ServerRepository) -> Sequence[AnyKind]:
    from backend.servers.snapshots import DeleteSnapshotJob, RestoreSnapshotJob, TakeSnapshotJob

    return tuple(kind(tools.accounts, repository) for kind in (TakeSnapshotJob, RestoreSnapshotJob, DeleteSnapshotJob))


def _of_its_network(tools: Tools, repository: ServerRepository) -> Sequence[AnyKind]:
    from backend.servers.network.addresses import AssignAddressJob, ReleaseAddressJob, ReserveAddressJob
    from backend.servers.network.attached_resources import AttachedResourceRepository
    from backend.servers.network.firewall import RemoveFirewallJob, SetFirewallJob
    from backend.servers.network.reverse_dns import SetReverseDnsJob
    from backend.servers.network.usage import ReadUsageJob

    accounts, resources = tools.accounts, AttachedResourceRepository(tools.store, repository)
    return (
        SetReverseDnsJob(accounts, repository),
        ReserveAddressJob(accounts, resources),
        AssignAddressJob(accounts, resources),
        ReleaseAddressJob(accounts, resources),
        SetFirewallJob(accounts, tools.servers, resources),
        RemoveFirewallJob(accounts, resources),
        ReadUsageJob(accounts, resources),
    )


def _in_engine(tools: Tools) -> InEngine:
    from backend.servers.maintenance import EndMaintenance
    from backend.servers.settings import SETTINGS

    return InEngine(settings=SETTINGS, probes=(EndMaintenance(tools.store, tools.clock),))


def _at_start() -> Sequence[Request]:
    from backend.servers.requests import ReconcileIntents

    return (ReconcileIntents(),)


def _paid() -> Sequence[PaidResource]:
    from backend.servers.paid import PAID

    return PAID


def _needs(asked: Asked) -> Iterable[Need]:
    from backend.servers.needs import needs

    return needs(asked)


def _endings(asked: Asked) -> Iterable[Ending]:
    from backend.servers.needs import endings

    return endings(asked)


def _news(asked: Asked, since: datetime) -> Told:
    from backend.servers.news import news

    return news(asked, since)


def _retention() -> Sequence[RetentionRule]:
    from backend.servers.retention import RULES

    return RULES


def _needed_secrets(session: ScopedSession) -> Iterable[NeededSecret]:
    from backend.servers.needed_secrets import needed_secrets

    return needed_secrets(session)


def _renewals(source: Source) -> Iterable[DueRenewal]:
    from backend.servers.renewals import renewals

    return renewals(source)


FEATURE = Feature(
    "servers",
    jobs=_jobs,
    in_engine=_in_engine,
    at_start=_at_start,
    paid=_paid,
    needs=_needs,
    endings=_endings,
    news=_news,
    topics=frozenset({"servers", "workspaces"}),
    retention=_retention,
    needed_secrets=_needed_secrets,
    renewals=_renewals,
)
