"""What providers and servers say is kept to what its column holds: one answer of megabytes stays out of every list."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect, select

from backend.store.database import Store
from backend.store.schema import Base
from backend.store.schema.base import MOST_TOLD, TOLD
from backend.store.schema.fleet import Account
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.rows import row_of

LONG = "x" * 3_000_000
COLUMNS = {"holder": 200, "note": MOST_TOLD}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("way", ["new", "changed"])
def test_words_beyond_the_bound_are_cut(any_store: Store, column: str, way: str) -> None:
    with any_store.write(ENGINE_SCOPE) as session:
        account = row_of(Account, AGENCY, **({column: LONG} if way == "new" else {}))
        session.add(account)
        session.flush()
        if way == "changed":
            setattr(account, column, LONG)

    with any_store.read(ENGINE_SCOPE) as session:
        kept = str(getattr(session.scalars(select(Account)).one(), column))
    assert (len(kept), kept[-2:]) == (COLUMNS[column], "x…")


def test_words_that_fit_are_kept_to_the_letter(any_store: Store) -> None:
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Account, AGENCY, holder="y" * 200))
    with any_store.read(ENGINE_SCOPE) as session:
        assert session.scalars(select(Account.holder)).one() == "y" * 200


def test_no_key_and_no_reference_is_ever_cut() -> None:
    tables: list[Any] = [inspect(mapper.class_) for mapper in Base.registry.mappers]
    told = {column.name: column for table in tables for column in table.columns if column.info == TOLD}

    assert {"holder", "name", "cause", "text"} <= set(told)
    assert not [name for name, column in told.items() if column.primary_key or name.endswith(("_ref", "_key", "_id"))]
