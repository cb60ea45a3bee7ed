"""What an emulated provider remembers: records by kind and id, on disk before any answer leaves."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend.core.private import make_file, make_folder
from backend.demo.emulator.lateness import Lateness

Record = dict[str, Any]


class State:
    """Records in one SQLite file with a copy in memory; thread-safe, survives kill -9 of the emulator."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        make_file(folder / "state.db")
        self._file = sqlite3.connect(folder / "state.db", check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=FULL")
        self._file.execute("CREATE TABLE IF NOT EXISTS record (kind TEXT, id TEXT, data TEXT, PRIMARY KEY (kind, id))")
        self._records: dict[str, dict[str, Record]] = {}
        for kind, key, data in self._file.execute("SELECT kind, id, data FROM record ORDER BY rowid"):
            self._records.setdefault(kind, {})[key] = json.loads(data)
        self._lock = threading.RLock()
        self.late = Lateness()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Everything inside is one transaction; other threads wait."""
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")

    def all(self, kind: str) -> list[Record]:
        """Records of a kind in the order they were made."""
        with self._lock:
            return list(self._records.get(kind, {}).values())

    def keys(self, kind: str) -> list[str]:
        """Ids of the records of a kind in the order they were made."""
        with self._lock:
            return list(self._records.get(kind, {}))

    def get(self, kind: str, key: str) -> Record | None:
        with self._lock:
            return self._records.get(kind, {}).get(key)

    def listed(self, kind: str) -> list[Record]:
        """Those that a list shows: all but what control ``late`` holds back."""
        with self._lock:
            there = list(self._records.get(kind, {}).items())
        return [record for key, record in there if not self.late.hides("lists", kind, key)]

    def known(self, kind: str, key: str) -> Record | None:
        """What a call about this very thing finds: nothing while control ``late`` holds it back."""
        return None if self.late.hides("by_id", kind, key) else self.get(kind, key)

    def put(self, kind: str, key: str, record: Record) -> None:
        with self._lock:
            if key not in self._records.get(kind, {}):
                self.late.note(kind, key)
            self._records.setdefault(kind, {})[key] = record
            self._file.execute(
                "INSERT INTO record VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET data = excluded.data",
                (kind, key, json.dumps(record)),
            )

    def drop(self, kind: str, key: str) -> None:
        with self._lock:
            self._records.get(kind, {}).pop(key, None)
            self._file.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, key))

    def next_number(self, name: str, first: int) -> int:
        """A number never given before under this name."""
        with self._lock:
            number = int((self.get("counter", name) or {"value": first - 1})["value"]) + 1
            self.put("counter", name, {"value": number})
            return number

    def count(self, name: str, by: int = 1) -> None:
        """Add to a tally that tests read."""
        with self._lock:
            tally = (self.get("tally", name) or {"value": 0})["value"]
            self.put("tally", name, {"value": tally + by})

    def tallies(self) -> dict[str, int]:
        with self._lock:
            return {key: record["value"] for key, record in self._records.get("tally", {}).items()}

    def clear(self) -> None:
        """Forget all but the numbers given: none is ever given twice."""
        with self._lock:
            self._records = {"counter": self._records.get("counter", {})}
            self._file.execute("DELETE FROM record WHERE kind != 'counter'")
            self.late.clear()

    def close(self) -> None:
        with self._lock:
            self._file.close()
