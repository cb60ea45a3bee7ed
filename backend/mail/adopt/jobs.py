"""LookAtMailJob and AdoptMailJob: a Mailu that somebody else installed, first looked at, then taken over as agreed.

The walk of their data: request -> job -> its Docker and its API -> what was found, as the result of a step -> tab
*Mail* -> request -> row ``mail_server``, secrets by reference, ``domain`` and what is in it -> topics *mail* and
*domains*.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import Refused, SecretMissing
from backend.core.present.text import N_, _
from backend.core.secrets.values import Secret, SecretRef
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.payload import from_plain
from backend.fleet.acts import about_server
from backend.mail.adopt import opening
from backend.mail.adopt.finding import MailFound
from backend.mail.adopt.queries import is_adopted, newest
from backend.mail.adopt.reading import SHORTEST_TOKEN, Noted, read, secrets_in
from backend.mail.adopt.requests import AdoptMail, LookAtMail
from backend.mail.adopt.rows import note_adopted
from backend.mail.files.watch import accept_all, look_again, own_writes
from backend.mail.refs import relay_ref, secret_key_ref, token_ref
from backend.mail.repository import MailRepository
from backend.mailu.environment import MailSecrets
from backend.mailu.settings import MailSettings
from backend.store.schema.fleet import Server, Workspace
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from uuid import UUID

    from backend.core.secrets.values import SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.access import MailAccess
    from backend.mail.adopt.reading import Read
    from backend.mail.contents import MailContents
    from backend.mail.requests import OnMail
    from backend.store.database import Store
    from backend.store.scope import ScopedSession


class MailReader:
    """Reads the Mailu of a server, beside what is noted of it. Stateless, thread-safe."""

    def __init__(self, store: Store, servers: ServerAccess, secrets: SecretStore) -> None:
        self._store = store
        self._servers = servers
        self._secrets = secrets

    def session(self, ctx: StepContext[OnMail]) -> SshSession:
        return self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled)

    def read(self, ctx: StepContext[OnMail], *, anew: bool = False) -> Read:
        """``anew``: beside what it says itself, as if nothing had been noted.

        :raises MailyardError: see :func:`backend.mail.adopt.reading.read`.
        """
        server_id = ctx.job.request.server_id
        with self.session(ctx) as ssh:
            return read(ssh, None if anew else self._noted(server_id), relay_ref(server_id).path)

    def is_known(self, server_id: UUID) -> bool:
        """Whether it is a mail server of ours, set up or adopted."""
        with self._store.read(ENGINE_SCOPE) as session:
            row = session.get(MailServer, (AGENCY, server_id))
        return row is not None and row.state in ("running", "stopped")

    def _noted(self, server_id: UUID) -> Noted | None:
        with self._store.read(ENGINE_SCOPE) as session:
            row = session.get(MailServer, (AGENCY, server_id))
        if row is None or row.settings is None or row.state not in ("running", "stopped"):
            return None
        settings = from_plain(MailSettings, row.settings)
        relay = settings.smart_host.password_ref if settings.smart_host is not None else ""
        refs = (secret_key_ref(server_id).path, row.api_token_ref or "", relay)
        return Noted(settings, MailSecrets(*map(self._secret, refs)))

    def _secret(self, ref: str) -> Secret:
        try:
            return self._secrets.read(SecretRef(ref)) if ref else Secret("")
        except SecretMissing:
            return Secret("")


class LookAtMailJob:
    """A :class:`backend.engine.jobs.JobKind`. Stateless, thread-safe."""

    request: ClassVar[type[LookAtMail]] = LookAtMail
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Look for a mail server")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, reader: MailReader) -> None:
        self._reader = reader

    def accept(self, session: ScopedSession, request: LookAtMail) -> Accepted:
        return _accepted(session, request)

    def steps(self, _request: LookAtMail) -> Sequence[Step[LookAtMail]]:
        return (Step("look", N_("Read how its Mailu is set up; nothing is changed"), self._look, 10, "server"),)

    def _look(self, ctx: StepContext[LookAtMail]) -> StepOutcome:
        shown = self._reader.read(ctx).shown
        server_id = ctx.job.request.server_id
        if self._reader.is_known(server_id):
            with self._reader.session(ctx) as ssh:
                look_again(ctx.store, ssh, server_id)
        words = _("Mailu {version} in {folder}; differences: {count}")
        folder = shown.files[0].rpartition("/")[0]
        return Done(words.format(version=shown.mailu_version, folder=folder, count=len(shown.differences)), shown)


class AdoptMailJob:
    """A :class:`backend.engine.jobs.JobKind`. Stateless, thread-safe."""

    request: ClassVar[type[AdoptMail]] = AdoptMail
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Adopt the mail server")
    priority: ClassVar[int] = 4
    owner: ClassVar[Owner] = "agency"

    def __init__(
        self,
        reader: MailReader,
        secrets: SecretStore,
        access: MailAccess,
        contents: MailContents,
    ) -> None:
        self._reader = reader
        self._secrets = secrets
        self._access = access
        self._contents = contents

    def accept(self, session: ScopedSession, request: AdoptMail) -> Accepted:
        accepted = _accepted(session, request)
        row = session.get(MailServer, (AGENCY, request.server_id))
        if row is not None and not row.is_adopted and row.state != "removed":
            raise Refused(_("{name} has a mail server already.").format(name=accepted.about))
        if request.client is not None and session.get(Workspace, request.client) is None:
            raise Refused(_("A chosen workspace no longer exists."))
        found = newest(session, request.server_id)
        if found is None or found.stamp != request.stamp:
            raise _moved_on()
        _check_api(request, found)
        return accepted

    def steps(self, request: AdoptMail) -> Sequence[Step[AdoptMail]]:
        opens = Step("open", N_("Switch its API on"), self._open, 60, "server", undo=self._close, goes_back=True)
        return (
            Step("look", N_("Read the mail server's set-up once more"), self._look, 10, "server"),
            *((opens,) if request.opens_api else ()),
            Step("secrets", N_("Keep its keys in the secret store"), self._keep, 5, undo=self._forget),
            Step("note", N_("Note how the mail server is set up"), self._note, 1, undo=self._unnote),
            *((Step("read", N_("Read what the mail server has"), self._read, 3),) if request.with_api else ()),
        )

    def _look(self, ctx: StepContext[AdoptMail]) -> StepOutcome:
        """What was agreed to is taken over and nothing else."""
        shown = self._reader.read(ctx, anew=True).shown
        if shown.stamp != ctx.job.request.stamp:
            raise _moved_on()
        return Done("", shown)

    def _open(self, ctx: StepContext[AdoptMail]) -> StepOutcome:
        with self._reader.session(ctx) as ssh:
            token = self._reader.read(ctx).found.value("API_TOKEN")
            with self._own_writes(ctx, ssh):
                opening.open_api(ctx, ssh, self._secrets, _found(ctx), token if len(token) >= SHORTEST_TOKEN else "")
        return Done(_("containers made anew: {names}").format(names=", ".join(opening.READ_IT)))

    def _close(self, ctx: StepContext[AdoptMail]) -> None:
        with self._reader.session(ctx) as ssh, self._own_writes(ctx, ssh):
            opening.close_again(ctx, ssh, self._secrets, _found(ctx))

    def _keep(self, ctx: StepContext[AdoptMail]) -> StepOutcome:
        """To the secret store alone, by reference."""
        request, read_ = ctx.job.request, self._reader.read(ctx)
        values, kept = secrets_in(read_.found), {secret_key_ref(request.server_id): "secret_key"}
        if request.with_api:
            kept[token_ref(request.server_id)] = "api_token"
        smart_host = _found(ctx).settings.smart_host
        if smart_host is not None and smart_host.password_ref:
            kept[SecretRef(smart_host.password_ref)] = "relay_password"
        self._secrets.keep_all({ref: getattr(values, name) for ref, name in kept.items()})
        return Done(_("kept: {count}").format(count=len(kept)))

    def _forget(self, ctx: StepContext[AdoptMail]) -> None:
        """Those of a server that is known from before are in use."""
        if not self._is_known(ctx):
            server_id = ctx.job.request.server_id
            self._secrets.forget_all((secret_key_ref(server_id), token_ref(server_id), relay_ref(server_id)))

    def _note(self, ctx: StepContext[AdoptMail]) -> StepOutcome:
        request, found = ctx.job.request, _found(ctx)
        note_adopted(ctx, request.server_id, found, has_api=request.with_api)
        with self._reader.session(ctx) as ssh:
            accept_all(ctx, ssh, request.server_id)
        return Done()

    def _unnote(self, ctx: StepContext[AdoptMail]) -> None:
        if not self._is_known(ctx):
            MailRepository(ctx.store).removed(ctx.job.request.server_id)

    def _read(self, ctx: StepContext[AdoptMail]) -> StepOutcome:
        """Domains that nobody has yet are the client's; what follows is an ordinary reading."""
        request = ctx.job.request
        with self._access.open(request.server_id, stop=ctx.is_cancelled) as mailu:
            told = self._contents.read(mailu.api)
        if request.client is not None:
            self._contents.claim_new(request.server_id, told, request.client, ctx.now())
        self._contents.keep(request.server_id, told, ctx.now())
        self._secrets.forget(opening.before_ref(ctx.job.id))
        counted = _("domains: {domains}, mailboxes: {mailboxes}, aliases: {aliases}")
        return Done(counted.format(domains=len(told.domains), mailboxes=len(told.mailboxes), aliases=len(told.aliases)))

    def _own_writes(self, ctx: StepContext[AdoptMail], ssh: SshSession) -> AbstractContextManager[None]:
        """Nothing is accepted yet of one that is not known."""
        return own_writes(ctx, ssh, ctx.job.request.server_id) if self._is_known(ctx) else nullcontext()

    def _is_known(self, ctx: StepContext[AdoptMail]) -> bool:
        """Whether it was adopted before this job: by a job that ended well."""
        with ctx.store.read(ENGINE_SCOPE) as session:
            return is_adopted(session, ctx.job.request.server_id)


def _accepted(session: ScopedSession, request: OnMail) -> Accepted:
    server = about_server(session, request)
    row = session.get_one(Server, (AGENCY, request.server_id))
    if row.life != "active" or not row.host_key:
        raise Refused(
            _("Mailyard cannot enter {name} over SSH.").format(name=row.name),
            remedy=_("Only servers with its own SSH key are looked at."),
        )
    return Accepted(lane=f"mail:{request.server_id}", about=server.about, about_id=server.about_id)


def _check_api(request: AdoptMail, found: MailFound) -> None:
    """:raises Refused: more was asked for than what was found allows."""
    if request.opens_api and not found.can_open_api:
        raise Refused(_("The API cannot be switched on here."), remedy=found.api_note)
    if request.opens_api and not request.with_api:
        raise Refused(_("An API that is not used is not switched on."))
    if request.with_api and found.api != "open" and not request.opens_api:
        raise Refused(
            _("The API of this mail server is not open: {state}.").format(state=found.api_said),
            remedy=_("Adopt it to be watched only, or have the API switched on."),
        )


def _found(ctx: StepContext[AdoptMail]) -> MailFound:
    return ctx.need("look", MailFound)


def _moved_on() -> Refused:
    return Refused(
        _("The mail server is set up otherwise than when it was shown."),
        remedy=_("Look at it again, then decide anew."),
    )
