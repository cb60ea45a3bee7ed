"""Whose a job is: the agency's kinds are refused to clients' workspaces, and a client's to the agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

import pytest

from backend.engine.jobs import Owner
from backend.engine.payload import Request
from backend.engine.requests import RequestEnvelope
from backend.engine.settings import Setting
from backend.store.schema.operations import Job, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from tests.backend.engine.bench import AUTHOR, Bench, Play, PlayRequest, step, until

CLIENT = uuid4()


@dataclass(frozen=True)
class ClientPlayRequest(PlayRequest, kind="test.client"):
    """The same in a client's workspace."""


@dataclass(frozen=True)
class Note(Request, kind="note"):
    """A setting."""


class ClientPlay(Play):
    """A kind of a client's workspace."""

    request: ClassVar[type[PlayRequest]] = ClientPlayRequest
    owner: ClassVar[Owner] = "workspace"


@pytest.mark.parametrize(
    ("request_made", "workspace", "is_taken"),
    [
        (PlayRequest("p"), AGENCY, True),
        (PlayRequest("p"), CLIENT, False),
        (ClientPlayRequest("p"), CLIENT, True),
        (ClientPlayRequest("p"), AGENCY, False),
        (Note(), AGENCY, True),
        (Note(), CLIENT, False),
    ],
)
def test_a_request_from_a_workspace_that_the_kind_is_not_of_is_refused(
    own_bench: Bench, request_made: Request, workspace: UUID, is_taken: bool
) -> None:
    told: list[int] = []
    client = ClientPlay()
    client.plays["p"] = own_bench.play_kind.plays["p"] = [step("one", lambda _ctx: told.append(1))]
    own_bench.more_kinds = [client]

    def note(_session: ScopedSession, _request: Note, _now: datetime) -> None:
        told.append(1)

    own_bench.start(Setting(Note, note))
    request = own_bench.submit(RequestEnvelope(workspace, request_made, AUTHOR))

    def taken() -> RequestRow | None:
        with own_bench.store.read(ENGINE_SCOPE) as session:
            row = session.get_one(RequestRow, (workspace, request))
            return row if row.handled_at is not None else None

    refusal = until(taken, "the request to be taken").refusal or ""
    assert (refusal == "") == is_taken
    if is_taken:
        until(lambda: told == [1], "it to be carried out")
    else:
        assert told == []
        with own_bench.store.read(ENGINE_SCOPE) as session:
            assert session.get(Job, (workspace, request)) is None
