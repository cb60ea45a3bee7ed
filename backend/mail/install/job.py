"""InstallMailJob: from a ready server to a mail server that proved itself.

The walk of its data: request -> job -> steps -> rows ``mail_server``, ``domain``, secrets by reference -> topic *mail*
-> Mail page and the server's tab.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Owner, Step
from backend.fleet.acts import about_server
from backend.mail.requests import InstallMail
from backend.mailu.settings import MailSettings, check_name, check_settings, dated_selector
from backend.store.schema.fleet import Server, Workspace
from backend.store.schema.mail import Domain, MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.mail.install.deploy import DeploySteps
    from backend.mail.install.finish import FinishSteps
    from backend.mail.install.prepare import PrepareSteps
    from backend.store.scope import ScopedSession


class InstallMailJob:
    """A :class:`backend.engine.jobs.JobKind`."""

    request: ClassVar[type[InstallMail]] = InstallMail
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Install the mail server")
    priority: ClassVar[int] = 5
    owner: ClassVar[Owner] = "agency"

    def __init__(self, prepare: PrepareSteps, deploy: DeploySteps, finish: FinishSteps) -> None:
        self._prepare = prepare
        self._deploy = deploy
        self._finish = finish

    def accept(self, session: ScopedSession, request: InstallMail) -> Accepted:
        accepted = about_server(session, request)
        server = session.get_one(Server, (AGENCY, request.server_id))
        if server.life != "active" or not server.host_key:
            raise Refused(
                _("{name} is not ready for a mail server.").format(name=server.name),
                remedy=_("Mailyard sets mail up on servers it created and verified."),
            )
        _check_free(session, request, server)
        check_name(request.domain)
        check_settings(first_settings(request, server.name, "my00000000"))
        return accepted

    def steps(self, _request: InstallMail) -> Sequence[Step[InstallMail]]:
        prepare, deploy, finish = self._prepare, self._deploy, self._finish
        return (
            Step("look", N_("Check that the server can carry mail"), prepare.look, 15, undo=deploy.forget_relay),
            Step("harden", N_("Set up packet filter, fail2ban and journal"), prepare.harden, 30),
            Step("docker", N_("Install Docker on the server"), prepare.install_docker, 60),
            Step("secrets", N_("Create keys and passwords"), deploy.make_secrets, 1, undo=deploy.forget_secrets),
            Step("files", N_("Write the configuration of Mailu"), deploy.write_files, 5, undo=deploy.remove_files),
            Step("pull", N_("Fetch the images"), deploy.pull, 90, "image"),
            Step("start", N_("Start the containers"), deploy.start, 20, undo=deploy.stop),
            Step("well", N_("Wait until all containers are healthy"), deploy.wait_until_well, 90, "server"),
            Step("admin", N_("Create the administrator's mailbox"), finish.make_admin, 5),
            Step("proof", N_("Log in over IMAP"), finish.prove, 5),
            Step("ready", N_("Note that the mail server runs"), finish.hand_over, 1),
        )


def first_settings(request: InstallMail, server_name: str, selector: str) -> MailSettings:
    """What the request asks for, on a server of this name."""
    return MailSettings(
        host_name=request.host_name or server_name,
        domain=request.domain,
        dkim_selector=selector,
        webmail=request.webmail,
        has_antivirus=request.has_antivirus,
        scans_macros=request.scans_macros,
        smart_host=request.smart_host,
    )


def settings_of(ctx: StepContext[InstallMail]) -> MailSettings:
    """Those of the job. The selector keeps the day on which files were first written: its key may lie there already."""
    request = ctx.job.request
    with ctx.store.read(ENGINE_SCOPE) as session:
        server = session.get_one(Server, (AGENCY, request.server_id))
        row = session.get(MailServer, (AGENCY, request.server_id))
        begun = row.settings if row is not None and row.state == "installing" else None
    selector = str(begun["dkim_selector"]) if begun else dated_selector(ctx.now().date())
    return first_settings(request, server.name, selector)


def _check_free(session: ScopedSession, request: InstallMail, server: Server) -> None:
    """:raises Refused: there is a mail server, or the domain has one; or the client does not use the server."""
    row = session.get(MailServer, (AGENCY, request.server_id))
    if row is not None and row.state in ("running", "upgrading", "stopped"):
        raise Refused(_("{name} has a mail server already.").format(name=server.name))
    if request.client is not None and session.get(Workspace, request.client) is None:
        raise Refused(_("A chosen workspace no longer exists."))
    taken = select(Domain).where(Domain.name == request.domain, Domain.gone_at.is_(None))
    if session.scalars(taken).first() is not None:
        raise Refused(_("{domain} has a mail server already.").format(domain=request.domain))
