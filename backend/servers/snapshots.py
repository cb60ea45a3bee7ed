"""The jobs on snapshots of a server: take one, put one back, delete one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import OutcomeUnknown, ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine.intents import ResourceSpec
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.payload import Result
from backend.fleet.acts import about_server, check_typed, machine_id_of, server_of
from backend.fleet.ownership import ownership_tag
from backend.servers import provider_actions
from backend.servers.provider_actions import ActionFailed, follow, told_of, until_machine
from backend.servers.requests import DeleteSnapshot, RestoreSnapshot, TakeSnapshot
from backend.store.schema.fleet import Server, Snapshot
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers import ports
    from backend.servers.repository import ServerRepository
    from backend.store.scope import ScopedSession

TAKE_LIMIT_S = 600.0
LONGEST_WORDS = 32
WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*\Z")
KEY = "snapshot"


def snapshot_name(words: str, intent: UUID) -> str:
    """What a snapshot is called at the provider: our words, and the ownership tag that finds it again (50 letters at
    most)."""
    return f"{words} {ownership_tag(intent)}"


def check_words(words: str) -> None:
    """:raises Refused: not every provider would take them as part of a name."""
    if not WORDS.match(words) or len(words) > LONGEST_WORDS:
        raise Refused(
            _("{name} is not a valid snapshot name.").format(name=words or "''"),
            remedy=_("Use up to {n} letters, digits, spaces, dots and hyphens.").format(n=LONGEST_WORDS),
        )


@dataclass(frozen=True)
class SnapshotOrdered(Result):
    """Its name at the provider, and the provider's id of the order; None where it had been taken before."""

    name: str
    action_id: str | None = None


@dataclass(frozen=True)
class RestoreOrdered(Result):
    """The provider's id of what it does; None where there is nothing to wait for."""

    action_id: str | None


class _SnapshotJob:
    """What the jobs on snapshots share: who they ask, where they write, how they rank."""

    version: ClassVar[int] = 1
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, repository: ServerRepository) -> None:
        self._accounts = accounts
        self._repository = repository


class TakeSnapshotJob(_SnapshotJob):
    """Job ``server.snapshot``: ``name`` in the person's words. The name at the provider carries the intent."""

    request: ClassVar[type[TakeSnapshot]] = TakeSnapshot
    title: ClassVar[str] = N_("Take snapshot")

    def accept(self, session: ScopedSession, request: TakeSnapshot) -> Accepted:
        accepted = about_server(session, request, needs="snapshot")
        check_words(request.name)
        return accepted

    def steps(self, _request: TakeSnapshot) -> Sequence[Step[TakeSnapshot]]:
        return (
            Step("take", N_("Request the snapshot from the provider"), self._take, 3, undo=self._untake),
            Step("wait", N_("Wait until the snapshot is complete"), self._wait, 120, "provider"),
        )

    def _take(self, ctx: StepContext[TakeSnapshot]) -> StepOutcome:
        taken = self._taken(ctx)
        return Done(taken.name, taken)

    def _taken(self, ctx: StepContext[TakeSnapshot]) -> SnapshotOrdered:
        """May be repeated: what was taken is found."""
        server = server_of(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        started: list[str] = []

        def make(intent: UUID) -> str:
            name = snapshot_name(ctx.job.request.name, intent)
            started.append(provider.take_snapshot(machine_id, name).id)
            return name

        def look(intent: UUID) -> str | None:
            name = snapshot_name(ctx.job.request.name, intent)
            return name if snapshot_named(provider, name, machine_id) else None

        name = ctx.create_once(
            ResourceSpec(KEY, server.account_id, "snapshot", ctx.job.request.name, look=look, make=make)
        )
        return SnapshotOrdered(name, started[0] if started else None)

    def _wait(self, ctx: StepContext[TakeSnapshot]) -> StepOutcome:
        """One that the provider gave up on is taken anew when the person tries again, under another name."""
        server, told = server_of(ctx), ctx.need("take", SnapshotOrdered)
        provider, taken = self._accounts.provider(server.account_id), self._taken(ctx)
        machine_id = machine_id_of(server)
        name, action_id = taken.name, taken.action_id or (told.action_id if told.name == taken.name else None)
        try:
            follow(ctx, provider, machine_id, action_id, limit_s=TAKE_LIMIT_S)
        except ActionFailed:
            if snapshot_named(provider, name, machine_id) is None:
                ctx.removed(KEY)
            raise

        def look() -> ports.Snapshot | None:
            found = snapshot_named(provider, name, machine_id)
            return found if found is not None and found.is_ready else None

        snapshot = ctx.poll(
            look, every_s=provider_actions.LOOK_EVERY_S, limit_s=TAKE_LIMIT_S, note=_("waiting for the provider")
        )
        if snapshot is None:
            remedy = _("Retry. If it never finishes, roll back and take another one.")
            raise ProviderRefused(_("The provider did not finish the snapshot in time."), remedy=remedy)
        self._repository.snapshot_taken(ctx, server.id, snapshot)
        return Done(snapshot.name)

    def _untake(self, ctx: StepContext[TakeSnapshot]) -> None:
        """Remove it, whether or not the step that took it got to know of it."""
        server, intent = server_of(ctx), ctx.intent(KEY)
        provider = self._accounts.provider(server.account_id)
        wanted = snapshot_name(ctx.job.request.name, intent) if intent else ""
        found = snapshot_named(provider, wanted, machine_id_of(server)) if intent else None
        if found is not None:
            provider.delete_snapshot(found.id)
            self._repository.snapshot_gone(ctx, server.account_id, found.id)
        ctx.removed(KEY, was_seen=found is not None)


class RestoreSnapshotJob(_SnapshotJob):
    """Job ``server.restore``: puts a snapshot onto the server's disk; the request carries the server's name, typed."""

    request: ClassVar[type[RestoreSnapshot]] = RestoreSnapshot
    title: ClassVar[str] = N_("Restore snapshot")

    def accept(self, session: ScopedSession, request: RestoreSnapshot) -> Accepted:
        accepted = about_server(session, request, needs="restore")
        server = session.get_one(Server, (AGENCY, accepted.about_id))
        snapshot = _row_of(session, server.account_id, request.snapshot_id)
        if snapshot.server_id != server.id:
            raise Refused(
                _("{snapshot} belongs to another server.").format(snapshot=snapshot.name),
                remedy=_("Choose a snapshot of this server."),
            )
        check_typed(request.typed_name, accepted.about)
        return accepted

    def steps(self, _request: RestoreSnapshot) -> Sequence[Step[RestoreSnapshot]]:
        return (
            Step("restore", N_("Request the restore from the provider"), self._restore, 3),
            Step("wait", N_("Wait until the provider has restored the server"), self._wait, 120, "provider"),
        )

    def _restore(self, ctx: StepContext[RestoreSnapshot]) -> StepOutcome:
        """Never repeated by itself: what was written after the first restore would be lost by the second."""
        server, number = server_of(ctx), ctx.job.request.snapshot_id
        if ctx.was_cut_off:
            raise _unknown_restore(server.name, "the program ended while it asked")
        provider = self._accounts.provider(server.account_id)
        try:
            return Done("", RestoreOrdered(provider.restore(machine_id_of(server), number).id))
        except OutcomeUnknown as error:
            raise _unknown_restore(server.name, error.detail) from error

    def _wait(self, ctx: StepContext[RestoreSnapshot]) -> StepOutcome:
        server, number = server_of(ctx), ctx.job.request.snapshot_id
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        follow(ctx, provider, machine_id, ctx.need("restore", RestoreOrdered).action_id, limit_s=TAKE_LIMIT_S)
        machine = until_machine(ctx, provider, machine_id, lambda seen: seen.state in ("active", "off"))
        words = _("Restored from snapshot {id}").format(id=number)
        self._repository.power_is(ctx, server.id, machine, words)
        return Done(words)


class DeleteSnapshotJob(_SnapshotJob):
    """Job ``snapshot.delete``: ``server_id`` and ``snapshot_id``; the request carries the snapshot's name, typed."""

    request: ClassVar[type[DeleteSnapshot]] = DeleteSnapshot
    title: ClassVar[str] = N_("Delete snapshot")

    def accept(self, session: ScopedSession, request: DeleteSnapshot) -> Accepted:
        accepted = about_server(session, request, needs="snapshot")
        server = session.get_one(Server, (AGENCY, accepted.about_id))
        check_typed(request.typed_name, _row_of(session, server.account_id, request.snapshot_id).name)
        return accepted

    def steps(self, _request: DeleteSnapshot) -> Sequence[Step[DeleteSnapshot]]:
        return (Step("delete", N_("Delete the snapshot at the provider"), self._delete, 3, "provider"),)

    def _delete(self, ctx: StepContext[DeleteSnapshot]) -> StepOutcome:
        server, number = server_of(ctx), ctx.job.request.snapshot_id
        self._accounts.provider(server.account_id).delete_snapshot(number)
        self._repository.snapshot_gone(ctx, server.account_id, number)
        return Done()


def snapshot_named(provider: ports.ComputeProvider, name: str, place: str) -> ports.Snapshot | None:
    """The snapshot of this name, taken in a region or of a machine there; None: there is none.

    :raises Unauthorized: the provider tells nothing of there.
    """
    return next((each for each in told_of(provider.snapshots(), place) if each.name == name), None)


def _row_of(session: ScopedSession, account_id: UUID, number: str) -> Snapshot:
    """:raises Refused: there is no such snapshot (any more)."""
    wanted = select(Snapshot).where(Snapshot.account_id == account_id, Snapshot.provider_id == number)
    row = session.scalars(wanted.where(Snapshot.gone_at.is_(None))).first()
    if row is None:
        raise Refused(_("This snapshot no longer exists."))
    return row


def _unknown_restore(name: str, detail: str) -> ProviderRefused:
    return ProviderRefused(
        _("It is not known whether {name} is being restored: the provider did not respond.").format(name=name),
        remedy=_("Check the server at the provider. Retry only if it does not match the snapshot."),
        detail=detail,
    )
