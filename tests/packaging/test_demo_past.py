"""The prepared past of the demo: made by its command as it stands, of rows and words that there are today."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import inspect

from backend.bootstrap import Installation
from backend.core.paths import DataFolder
from backend.demo.fleet.past import BEGINNING, CALENDAR, FILE, NOW, TABLES
from backend.store.schema.base import UtcTime
from tests.packaging.machine import ROOT, script

SELF_MADE = {"tenant_id"}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((ROOT / FILE).read_bytes()))
    return found


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return script("demo_past")


def test_it_is_what_its_command_makes_today(tool: ModuleType, told: dict[str, Any]) -> None:
    """A step that a job lost, a table that changed or a new server in the fleet: make it anew."""
    assert json.loads(json.dumps(tool.past())) == told, "run: python packaging/demo_past.py"
    assert tool.packed() == tool.packed()


def test_every_row_fits_its_table_of_today(told: dict[str, Any]) -> None:
    wrong = []
    for name, row in told["rows"]:
        columns = inspect(TABLES[name]).columns
        unknown = row.keys() - set(columns.keys())
        needed = {
            key
            for key, column in columns.items()
            if not column.nullable and column.default is None and column.server_default is None
        }
        missing = needed - row.keys() - SELF_MADE
        moments = {key for key, column in columns.items() if isinstance(column.type, UtcTime) and row.get(key)}
        timeless = [key for key in moments if set(row[key]) not in ({BEGINNING}, {CALENDAR}, {NOW})]
        if unknown or missing or timeless:
            wrong.append((name, unknown, missing, timeless))
    assert wrong == []


def test_its_words_are_in_the_catalogue_and_its_jobs_are_kinds_of_today(told: dict[str, Any], tmp_path: Any) -> None:
    known = {words[0] for words in script("translations").words_in_use()}
    said = {words[0] for _table, row in told["rows"] for words in _words(row)}
    installation = Installation(DataFolder(tmp_path))
    kinds = {row["kind"] for table, row in told["rows"] if table == "job"}
    names = set(installation.kinds.names)
    installation.close()

    assert said
    assert said - known == set()
    assert kinds - names == set()


def _words(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        if "words" in value:
            yield value["words"]
        for each in value.values():
            yield from _words(each)
