"""The audit log: one chain in which a change, a removal or an insertion shows."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from backend.store.audit import first_broken, record
from backend.store.database import Store
from backend.store.schema.operations import AuditRow
from backend.store.scope import ENGINE_SCOPE
from tests.backend.store.conftest import NOW

ROWS = 6


def write(store: Store, *actions: str) -> None:
    with store.write(ENGINE_SCOPE) as session:
        for action in actions:
            record(session, at=NOW, actor="anna", action=action, subject="mx1.example.net", detail="é ✓")


def broken_at(store: Store) -> int | None:
    with store.read(ENGINE_SCOPE) as session:
        return first_broken(session)


def test_an_empty_and_an_untouched_log_hold(any_store: Store) -> None:
    assert broken_at(any_store) is None
    write(any_store, *[f"server.{n}" for n in range(ROWS)])
    assert broken_at(any_store) is None


def test_the_log_holds_where_the_database_server_lives_in_another_zone(any_store: Store) -> None:
    if not any_store.address.is_sqlite:
        with any_store.engine("app").begin() as connection:
            name = connection.scalar(text("SELECT current_database()"))
            connection.execute(text(f"ALTER DATABASE {name} SET timezone TO 'Asia/Kolkata'"))
        any_store.close()
    write(any_store, "one", "two")
    assert broken_at(any_store) is None


THIRD = AuditRow.seq == 3
TAMPERED: dict[str, tuple[Any, int]] = {
    "another actor": (update(AuditRow).where(THIRD).values(actor="bert"), 3),
    "another moment": (update(AuditRow).where(THIRD).values(at=NOW.replace(hour=1)), 3),
    "another detail": (update(AuditRow).where(THIRD).values(detail=""), 3),
    "another hash": (update(AuditRow).where(THIRD).values(hash="f" * 64), 3),
    "another link": (update(AuditRow).where(THIRD).values(previous_hash="f" * 64), 3),
    "text moved from one field to the next": (update(AuditRow).where(THIRD).values(actor="annas", action="erver.2"), 3),
    "a row removed": (delete(AuditRow).where(THIRD), 4),
    "the first removed": (delete(AuditRow).where(AuditRow.seq == 1), 2),
}


@pytest.mark.parametrize("deed", TAMPERED)
def test_tampering_is_found_at_its_row(any_store: Store, deed: str) -> None:
    statement, seq = TAMPERED[deed]
    write(any_store, *[f"server.{n}" for n in range(ROWS)])
    with any_store.write(ENGINE_SCOPE) as session:
        assert session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
    assert broken_at(any_store) == seq


def test_a_forged_row_with_a_hash_of_its_own_breaks_the_one_after_it(any_store: Store) -> None:
    write(any_store, *[f"server.{n}" for n in range(ROWS)])
    with any_store.write(ENGINE_SCOPE) as session:
        rows = list(session.scalars(select(AuditRow).order_by(AuditRow.seq)))
        for row in rows[2:]:
            session.delete(row)
        session.flush()
        session.expunge_all()
        record(session, at=NOW, actor="bert", action="forged", subject="")
        for row in rows[3:]:
            session.add(AuditRow(**{name: getattr(row, name) for name in AuditRow.__mapper__.columns.keys()}))  # noqa: SIM118
    assert broken_at(any_store) == 4


def test_two_writers_at_once_make_one_chain(any_store: Store) -> None:
    together = threading.Barrier(4)

    def work(number: int) -> None:
        together.wait(60)
        for turn in range(5):
            write(any_store, f"{number}.{turn}")

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, number) for number in range(4)]:
            done.result(60)
    assert broken_at(any_store) is None
    with any_store.read(ENGINE_SCOPE) as session:
        assert len(session.scalars(select(AuditRow)).all()) == 20
