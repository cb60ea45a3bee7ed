"""Columns of words: ours are read in the language of the reader, in every table; those of others stay as they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import inspect, select, text

from backend.core.present.said import SIGN
from backend.core.present.text import Words, _, activate
from backend.store.database import Store
from backend.store.schema import Base, tables
from backend.store.schema.base import Said
from backend.store.scope import ENGINE_SCOPE
from tests.backend.store.rows import settle

COLUMNS = tuple(
    (table, name)
    for table in tables()
    for name, column in inspect(table).columns.items()
    if isinstance(column.type, Said)
)
OURS, GERMAN = "192.0.2.7 does not respond over SSH.", "192.0.2.7 antwortet nicht über SSH."
OF_BEFORE = "The provider said: {nothing} at all"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    activate("en")
    yield
    activate("en")


def fill(store: Store, words: str) -> None:
    with store.write(ENGINE_SCOPE) as session:
        for table, name in COLUMNS:
            for row in session.scalars(select(table)):
                setattr(row, name, words)


def read(store: Store) -> dict[str, set[str]]:
    with store.read(ENGINE_SCOPE) as session:
        return {_named(table, name): set(session.scalars(select(getattr(table, name)))) for table, name in COLUMNS}


def kept(store: Store) -> dict[str, set[str]]:
    """As they lie in the database."""
    with store.engine("app").connect() as connection:
        return {
            _named(table, name): set(connection.scalars(text(f"SELECT {name} FROM {table.__tablename__}")))
            for table, name in COLUMNS
        }


def _named(table: type[Base], name: str) -> str:
    return f"{table.__tablename__}.{name}"


def test_what_one_language_wrote_is_read_in_another_and_back(any_store: Store) -> None:
    settle(any_store)
    fill(any_store, _("{address} does not respond over SSH.").format(address="192.0.2.7"))

    assert {name: words for name, words in read(any_store).items() if words != {OURS}} == {}
    activate("de")
    assert {name: words for name, words in read(any_store).items() if words != {GERMAN}} == {}
    fill(any_store, _("{address} does not respond over SSH.").format(address="192.0.2.7"))
    activate("en")
    assert {name: words for name, words in read(any_store).items() if words != {OURS}} == {}
    assert all(each.startswith(SIGN) for words in kept(any_store).values() for each in words)
    assert len(COLUMNS) > 10


def test_rows_of_earlier_versions_and_words_of_others_keep_their_words(any_store: Store) -> None:
    settle(any_store)
    with any_store.engine("app").begin() as connection:
        for table, name in COLUMNS:
            connection.execute(text(f"UPDATE {table.__tablename__} SET {name} = :words"), {"words": OF_BEFORE})
    activate("de")

    found = read(any_store)
    fill(any_store, OF_BEFORE)

    assert {name: words for name, words in found.items() if words != {OF_BEFORE}} == {}
    assert found == read(any_store) == kept(any_store)
    assert not any(isinstance(each, Words) for words in found.values() for each in words)
