"""The jobs on snapshots of a server: take one, put one back, delete one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import AnswerUnknown, ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine.intents import Wanted
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.fleet.marks import mark
from backend.servers import acting
from backend.servers.acting import (
    ActionFailed,
    about_server,
    check_typed,
    follow,
    machine_id_of,
    server_of,
    until_machine,
)
from backend.store.schema.fleet import Server, Snapshot
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers import ports
    from backend.servers.records import Records
    from backend.store.scope import ScopedSession

TAKE_LIMIT_S = 600.0
LONGEST_WORDS = 32
WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*\Z")
KEY = "snapshot"


def snapshot_name(words: str, intent: UUID) -> str:
    """What a snapshot is called at the provider: our words, and the mark that finds it again (50 letters at most)."""
    return f"{words} {mark(intent)}"


def check_words(words: str) -> None:
    """:raises Refused: not every provider would take them as part of a name."""
    if not WORDS.match(words) or len(words) > LONGEST_WORDS:
        raise Refused(
            _("{name} is no name for a snapshot.").format(name=words or "''"),
            remedy=_("Use up to {n} letters, digits, spaces, dots and hyphens.").format(n=LONGEST_WORDS),
        )


class _SnapshotJob:
    """What the jobs on snapshots share: who they ask, where they write, how they rank."""

    version: ClassVar[int] = 1
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, records: Records) -> None:
        self._accounts = accounts
        self._records = records


class SnapshotServer(_SnapshotJob):
    """Job ``server.snapshot``: ``name`` in the person's words. The name at the provider carries the intent."""

    name: ClassVar[str] = "server.snapshot"
    title: ClassVar[str] = N_("Take snapshot")

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish, needs="snapshot")
        check_words(_words(wish))
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("take", N_("Tell the provider"), self._take, 3, undo=self._untake),
            Step("wait", N_("Wait until it is whole"), self._wait, 120, "provider"),
        )

    def _take(self, ctx: StepContext) -> Done:
        """May be repeated: what was taken is found."""
        server = server_of(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        started: list[str] = []

        def make(intent: UUID) -> str:
            name = snapshot_name(_words(ctx.job.wish), intent)
            started.append(provider.take_snapshot(machine_id, name).id)
            return name

        def look(intent: UUID) -> str | None:
            name = snapshot_name(_words(ctx.job.wish), intent)
            return name if _named(provider, name) else None

        name = ctx.create_once(Wanted(KEY, server.account_id, "snapshot", _words(ctx.job.wish), look=look, make=make))
        return Done(name, {"name": name, "action_id": started[0] if started else None})

    def _wait(self, ctx: StepContext) -> StepOutcome:
        """One that the provider gave up on is taken anew when the person tries again, under another name."""
        server, told = server_of(ctx), ctx.result("take")
        provider, taken = self._accounts.provider(server.account_id), self._take(ctx)
        name = str(taken.result["name"])
        action_id = taken.result["action_id"] or (told["action_id"] if told["name"] == name else None)
        try:
            follow(ctx, provider, machine_id_of(server), action_id, limit_s=TAKE_LIMIT_S)
        except ActionFailed:
            if _named(provider, name) is None:
                ctx.removed(KEY)
            raise

        def look() -> ports.Snapshot | None:
            found = _named(provider, name)
            return found if found is not None and found.is_ready else None

        snapshot = ctx.poll(look, every_s=acting.LOOK_EVERY_S, limit_s=TAKE_LIMIT_S, note=_("waits for the provider"))
        if snapshot is None:
            remedy = _("Try again; if it never comes, roll back and take another.")
            raise ProviderRefused(_("The provider did not finish the snapshot in time."), remedy=remedy)
        self._records.snapshot_taken(ctx, server.id, snapshot)
        return Done(snapshot.name)

    def _untake(self, ctx: StepContext) -> None:
        """Remove it, whether or not the step that took it got to know of it."""
        server, intent = server_of(ctx), ctx.intent(KEY)
        provider = self._accounts.provider(server.account_id)
        found = _named(provider, snapshot_name(_words(ctx.job.wish), intent)) if intent else None
        if found is not None:
            provider.delete_snapshot(found.id)
            self._records.snapshot_gone(ctx, server.account_id, found.id)
        ctx.removed(KEY)


class RestoreServer(_SnapshotJob):
    """Job ``server.restore``: puts a snapshot onto the server's disk; the wish carries the server's name, typed."""

    name: ClassVar[str] = "server.restore"
    title: ClassVar[str] = N_("Restore snapshot")

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish, needs="restore")
        server = session.get_one(Server, (AGENCY, accepted.about_id))
        snapshot = _row_of(session, server.account_id, wish)
        if snapshot.server_id != server.id:
            raise Refused(
                _("{snapshot} is of another server.").format(snapshot=snapshot.name),
                remedy=_("Choose a snapshot of this server."),
            )
        check_typed(wish, accepted.about)
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("restore", N_("Tell the provider"), self._restore, 3),
            Step("wait", N_("Wait for the provider"), self._wait, 120, "provider"),
        )

    def _restore(self, ctx: StepContext) -> StepOutcome:
        """Never repeated by itself: what was written after the first restore would be lost by the second."""
        server, number = server_of(ctx), str(ctx.job.wish["snapshot_id"])
        if ctx.was_cut_off:
            raise _unknown_restore(server.name, "the program ended while it asked")
        provider = self._accounts.provider(server.account_id)
        try:
            return Done("", {"action_id": provider.restore(machine_id_of(server), number).id})
        except AnswerUnknown as error:
            raise _unknown_restore(server.name, error.detail) from error

    def _wait(self, ctx: StepContext) -> StepOutcome:
        server, number = server_of(ctx), str(ctx.job.wish["snapshot_id"])
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        follow(ctx, provider, machine_id, ctx.result("restore")["action_id"], limit_s=TAKE_LIMIT_S)
        machine = until_machine(ctx, provider, machine_id, lambda seen: seen.state in ("active", "off"))
        words = _("Restored from snapshot {id}").format(id=number)
        self._records.power_is(ctx, server.id, machine, words)
        return Done(words)


class DeleteSnapshot(_SnapshotJob):
    """Job ``snapshot.delete``: ``server_id`` and ``snapshot_id``; the wish carries the snapshot's name, typed."""

    name: ClassVar[str] = "snapshot.delete"
    title: ClassVar[str] = N_("Delete snapshot")

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish, needs="snapshot")
        server = session.get_one(Server, (AGENCY, accepted.about_id))
        check_typed(wish, _row_of(session, server.account_id, wish).name)
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("delete", N_("Delete it at the provider"), self._delete, 3, "provider"),)

    def _delete(self, ctx: StepContext) -> StepOutcome:
        server, number = server_of(ctx), str(ctx.job.wish["snapshot_id"])
        self._accounts.provider(server.account_id).delete_snapshot(number)
        self._records.snapshot_gone(ctx, server.account_id, number)
        return Done()


def _named(provider: ports.ComputeProvider, name: str) -> ports.Snapshot | None:
    return next((each for each in provider.snapshots() if each.name == name), None)


def _row_of(session: ScopedSession, account_id: UUID, wish: Mapping[str, Any]) -> Snapshot:
    """:raises Refused: there is no such snapshot (any more)."""
    number = str(wish.get("snapshot_id"))
    wanted = select(Snapshot).where(Snapshot.account_id == account_id, Snapshot.provider_id == number)
    row = session.scalars(wanted.where(Snapshot.gone_at.is_(None))).first()
    if row is None:
        raise Refused(_("This snapshot no longer exists."))
    return row


def _unknown_restore(name: str, detail: str) -> ProviderRefused:
    return ProviderRefused(
        _("Whether {name} is being restored is not known: no answer came.").format(name=name),
        remedy=_("Look at the server at the provider. Try again only if it is not as in the snapshot."),
        detail=detail,
    )


def _words(wish: Mapping[str, Any]) -> str:
    return str(wish.get("name", "")).strip()
