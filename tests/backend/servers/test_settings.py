"""What people write of a server: tags, a note, maintenance, which silences its needs and ends by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.attention import Asked
from backend.bootstrap import Installation
from backend.core.errors import Refused
from backend.core.present.status import Status
from backend.engine.payload import from_plain, to_plain
from backend.engine.queries import Jobs
from backend.overview.queries import Overview
from backend.servers.maintenance import EndMaintenance
from backend.servers.needs import needs
from backend.servers.queries import ServerDetails, ServerRow, Servers
from backend.servers.requests import MaintainServer, NoteServer, TagServer
from backend.servers.settings import maintain, note, tag
from backend.store.query import Source
from backend.store.schema.operations import AuditRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.clocks import StillClock
from tests.installation import held_installation
from tests.sample_data.servers import add_fleet, server_id

HERE = Scope.of(AGENCY)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Installation]:
    with held_installation(tmp_path / "data") as installation:
        add_fleet(installation, 12)
        yield installation


def source(fleet: Installation) -> Source:
    return Source(fleet.store, fleet.metrics, datetime.now(UTC))


def row(fleet: Installation, at: int) -> ServerRow:
    return next(each for each in Servers(HERE).run(source(fleet)) if each.id == server_id(at))


def apply(fleet: Installation, request: TagServer | NoteServer | MaintainServer, now: datetime | None = None) -> str:
    with fleet.store.write(ENGINE_SCOPE) as session:
        when = now or datetime.now(UTC)
        if isinstance(request, TagServer):
            return tag(session, request, when)
        return note(session, request, when) if isinstance(request, NoteServer) else maintain(session, request, when)


def test_tags_are_given_and_taken_whatever_their_letters(fleet: Installation) -> None:
    apply(fleet, TagServer(server_id(1), (" Pilot", "EU  West", "pilot", "")))
    assert row(fleet, 1).tags == ("eu west", "pilot")

    apply(fleet, TagServer(server_id(1), ("pilot",), ("EU west", "never there")))

    assert row(fleet, 1).tags == ("pilot",)
    assert row(fleet, 2).tags == ()


def test_too_many_tags_and_too_long_ones_are_refused(fleet: Installation) -> None:
    with pytest.raises(Refused, match="20 tags"):
        apply(fleet, TagServer(server_id(1), tuple(f"t{at}" for at in range(21))))
    with pytest.raises(Refused, match="40 characters"):
        apply(fleet, TagServer(server_id(1), ("t" * 41,)))
    assert row(fleet, 1).tags == ()


def test_a_note_is_written_and_taken_away(fleet: Installation) -> None:
    apply(fleet, NoteServer(server_id(1), "  Call Ann before a reboot. "))
    assert row(fleet, 1).note == "Call Ann before a reboot."

    apply(fleet, NoteServer(server_id(1), " "))

    assert row(fleet, 1).note == ""


def test_requests_survive_the_store() -> None:
    until = datetime(2026, 12, 1, 20, tzinfo=UTC)
    for request in (TagServer(server_id(1), ("a",), ("b",)), MaintainServer(server_id(1), until)):
        assert from_plain(type(request), to_plain(request)) == request


def unwell(fleet: Installation) -> set[str]:
    asked = Asked(source(fleet), Jobs(HERE, fleet.kinds), fleet.features)
    return {need.title for need in needs(asked)}


def test_maintenance_silences_a_server_that_is_not_well(fleet: Installation) -> None:
    bad = next(each for each in Servers(HERE).run(source(fleet)) if each.status is Status.CRITICAL)
    assert bad.name in unwell(fleet)

    apply(fleet, MaintainServer(bad.id, datetime.now(UTC) + timedelta(hours=2)))

    assert bad.name not in unwell(fleet)
    overview = Overview(Jobs(HERE, fleet.kinds), fleet.features).run(source(fleet))
    assert f"Maintenance, {bad.name}" in [each.title for each in overview.endings]
    assert all(need.title != bad.name for need in overview.needs)
    apply(fleet, MaintainServer(bad.id))
    assert bad.name in unwell(fleet)


def test_maintenance_ends_by_itself_and_that_is_written_down(fleet: Installation) -> None:
    began = datetime.now(UTC)
    clock = StillClock(began)
    probe = EndMaintenance(fleet.store, clock)
    apply(fleet, MaintainServer(server_id(1), began + timedelta(minutes=30)), began)
    assert list(probe.subjects()) == [server_id(1)]
    probe.observe(server_id(1))
    assert row(fleet, 1).maintenance_until is not None

    clock.at = began + timedelta(minutes=30)
    probe.observe(server_id(1))
    probe.observe(server_id(1))

    assert row(fleet, 1).maintenance_until is None
    assert list(probe.subjects()) == []
    events = ServerDetails(HERE, server_id(1)).run(source(fleet)).events
    assert [each.text for each in events if each.kind == "maintenance"] == ["Maintenance ended", "Maintenance began"]
    with fleet.store.read(ENGINE_SCOPE) as session:
        told = session.execute(select(AuditRow.actor, AuditRow.action, AuditRow.subject)).all()
    assert ("engine", "server.maintenance.end", row(fleet, 1).name) in [tuple(each) for each in told]


def test_another_end_is_called_what_it_makes_of_the_maintenance(fleet: Installation) -> None:
    now = datetime.now(UTC)
    for hours in (2, 4, 4, 1, 3):
        apply(fleet, MaintainServer(server_id(1), now + timedelta(hours=hours)), now + timedelta(minutes=hours))
    apply(fleet, MaintainServer(server_id(1)), now + timedelta(minutes=10))

    events = ServerDetails(HERE, server_id(1)).run(source(fleet)).events
    assert sorted(each.text for each in events if each.kind == "maintenance") == [
        "Maintenance began",
        "Maintenance ended",
        "Maintenance extended",
        "Maintenance extended",
        "Maintenance shortened",
    ]


@pytest.mark.parametrize("wrong", [timedelta(minutes=-1), timedelta(days=31)])
def test_an_end_that_cannot_be_meant_is_refused(fleet: Installation, wrong: timedelta) -> None:
    with pytest.raises(Refused):
        apply(fleet, MaintainServer(server_id(1), datetime.now(UTC) + wrong))
    assert row(fleet, 1).maintenance_until is None
