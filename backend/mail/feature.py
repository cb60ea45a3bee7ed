"""The feature of mail: Mailu on servers, its domains and mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from backend.feature import DueRenewal, Feature, InEngine, NeededSecret, StoredSecret, Tools

if TYPE_CHECKING:
    from backend.attention import Asked, Need
    from backend.core.checks import CheckKind
    from backend.engine.jobs import AnyKind
    from backend.mail.access import MailAccess, MailHosts
    from backend.mail.outside import OutsideServers
    from backend.mail.repository import MailRepository
    from backend.store.query import Source
    from backend.store.schema.operations import Schedule
    from backend.store.scope import ScopedSession


def _by_ssh(tools: Tools) -> MailHosts:
    from backend.mail.ssh_host import SshHosts

    return SshHosts(tools.servers)


def mail_feature(hosts: Callable[[Tools], MailHosts] = _by_ssh, outside: Sequence[str] = ()) -> Feature:
    """``hosts`` is how mail servers are entered; ``outside`` are mail servers of others that port 25 is tried with
    while nobody chose any, see :mod:`backend.mail.outside`.
    """
    topics = frozenset({"mail", "domains"})
    return Feature(
        "mail",
        jobs=partial(_jobs, hosts, outside),
        in_engine=_in_engine,
        schedules=_schedules,
        checks=_checks,
        needs=_needs,
        topics=topics,
        stored_secrets=_stored_secrets,
        needed_secrets=_needed_secrets,
        renewals=_renewals,
    )


def _jobs(hosts: Callable[[Tools], MailHosts], outside: Sequence[str], tools: Tools) -> Sequence[AnyKind]:
    from backend.mail.access import MailAccess
    from backend.mail.acts import ACTS
    from backend.mail.adopt.jobs import AdoptMailJob, LookAtMailJob, MailReader
    from backend.mail.change.job import ChangeMailJob
    from backend.mail.change.password import RenewPasswordJob
    from backend.mail.change.power import PowerMailJob
    from backend.mail.change.steps import ChangeSteps
    from backend.mail.change.token import RenewTokenJob
    from backend.mail.contents import MailContents
    from backend.mail.outside import OUTSIDE, OutsideServers
    from backend.mail.reading import ReadAllMailJob
    from backend.mail.repository import MailRepository
    from backend.mail.sending.job import SetSmartHostJob
    from backend.mail.upgrade.job import UpgradeMailJob
    from backend.mail.upgrade.steps import UpgradeSteps

    servers, secrets = tools.servers, tools.secrets
    repository, access = MailRepository(tools.store), MailAccess(tools.store, secrets, hosts(tools))
    contents, others = MailContents(tools.store), OutsideServers(tools.store, outside or OUTSIDE)
    reader = MailReader(tools.store, servers, secrets)
    return (
        *(kind(access, contents, secrets) for kind in ACTS),
        ReadAllMailJob(servers, access, contents),
        _install(tools, access, repository, others),
        SetSmartHostJob(servers, secrets, repository, others),
        UpgradeMailJob(UpgradeSteps(servers, secrets, access, repository)),
        ChangeMailJob(ChangeSteps(servers, secrets, access, repository)),
        PowerMailJob(servers, repository),
        *(kind(servers, secrets, access, repository) for kind in (RenewTokenJob, RenewPasswordJob)),
        LookAtMailJob(reader),
        AdoptMailJob(reader, secrets, access, contents),
    )


def _install(tools: Tools, access: MailAccess, repository: MailRepository, others: OutsideServers) -> AnyKind:
    from backend.mail.install.deploy import DeploySteps
    from backend.mail.install.finish import FinishSteps
    from backend.mail.install.job import InstallMailJob, settings_of
    from backend.mail.install.prepare import PrepareSteps

    servers, secrets = tools.servers, tools.secrets
    return InstallMailJob(
        PrepareSteps(servers, settings_of, others, tools.docker_key),
        DeploySteps(servers, secrets, repository, settings_of),
        FinishSteps(servers, secrets, access, repository, settings_of),
    )


def _schedules(now: datetime) -> Sequence[Schedule]:
    from backend.mail.reading import hourly

    return (hourly(now),)


def _in_engine(tools: Tools) -> InEngine:
    from backend.mail.files.keeping import SETTING as KEEPING
    from backend.mail.health.probe import WatchMail
    from backend.mail.outside import SETTING
    from backend.mail.templates import SETTINGS

    watch = WatchMail(tools.store, tools.servers, tools.clock)
    return InEngine(settings=(SETTING, KEEPING, *SETTINGS), probes=(watch,), parts=(watch,))


def _checks() -> Sequence[CheckKind]:
    from backend.mail.health.checks import MAIL_CHECKS

    return MAIL_CHECKS


def _stored_secrets(session: ScopedSession) -> Iterable[StoredSecret]:
    from backend.mail.stored_secrets import stored_secrets

    return stored_secrets(session)


def _needed_secrets(session: ScopedSession) -> Iterable[NeededSecret]:
    from backend.mail.stored_secrets import needed_secrets

    return needed_secrets(session)


def _needs(asked: Asked) -> Iterable[Need]:
    from backend.mail.needs import needs

    return needs(asked)


def _renewals(source: Source) -> Iterable[DueRenewal]:
    from backend.mail.renewals import renewals

    return renewals(source)


FEATURE = mail_feature()
