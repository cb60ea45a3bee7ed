"""main.db: tables and columns as Mailu 2024.06 has them, so that what reads that file reads this one."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import idna

from tests.lab.standins.settings import setting

#: The newest of the migrations that 2024.06.57 brings.
REVISION = "0ba45693748d"
BUSY_S = 30.0
_COMMON = "created_at DATE NOT NULL, updated_at DATE, comment VARCHAR(255)"
_ADDRESS = "localpart VARCHAR(80) NOT NULL, domain_name VARCHAR(80) NOT NULL REFERENCES domain (name)"
SCHEMA = f"""
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
CREATE TABLE config ({_COMMON}, name VARCHAR(255) NOT NULL PRIMARY KEY, value VARCHAR(255));
CREATE TABLE domain ({_COMMON}, name VARCHAR(80) NOT NULL PRIMARY KEY, max_users INTEGER NOT NULL,
  max_aliases INTEGER NOT NULL, max_quota_bytes BIGINT NOT NULL, signup_enabled BOOLEAN NOT NULL);
CREATE TABLE alternative ({_COMMON}, name VARCHAR(80) NOT NULL PRIMARY KEY,
  domain_name VARCHAR(80) REFERENCES domain (name));
CREATE TABLE relay ({_COMMON}, name VARCHAR(80) NOT NULL PRIMARY KEY, smtp VARCHAR(80));
CREATE TABLE user ({_COMMON}, {_ADDRESS}, email VARCHAR(255) NOT NULL PRIMARY KEY, password VARCHAR(255) NOT NULL,
  quota_bytes BIGINT NOT NULL, quota_bytes_used BIGINT NOT NULL, global_admin BOOLEAN NOT NULL,
  enabled BOOLEAN NOT NULL, enable_imap BOOLEAN NOT NULL, enable_pop BOOLEAN NOT NULL, allow_spoofing BOOLEAN NOT NULL,
  forward_enabled BOOLEAN NOT NULL, forward_destination VARCHAR(4096), forward_keep BOOLEAN NOT NULL,
  reply_enabled BOOLEAN NOT NULL, reply_subject VARCHAR(255), reply_body TEXT, reply_startdate DATE NOT NULL,
  reply_enddate DATE NOT NULL, displayed_name VARCHAR(160) NOT NULL, spam_enabled BOOLEAN NOT NULL,
  spam_mark_as_read BOOLEAN NOT NULL, spam_threshold INTEGER NOT NULL, change_pw_next_login BOOLEAN NOT NULL);
CREATE TABLE alias ({_COMMON}, {_ADDRESS}, email VARCHAR(255) NOT NULL PRIMARY KEY, wildcard BOOLEAN NOT NULL,
  destination VARCHAR(4096) NOT NULL);
CREATE TABLE token ({_COMMON}, id INTEGER NOT NULL PRIMARY KEY, user_email VARCHAR(255) NOT NULL
  REFERENCES user (email), password VARCHAR(255) NOT NULL, ip VARCHAR(4096));
CREATE TABLE fetch ({_COMMON}, id INTEGER NOT NULL PRIMARY KEY, user_email VARCHAR(255) NOT NULL
  REFERENCES user (email), protocol VARCHAR(4) NOT NULL, host VARCHAR(255) NOT NULL, port INTEGER NOT NULL,
  tls BOOLEAN NOT NULL, username VARCHAR(255) NOT NULL, password VARCHAR(255) NOT NULL, keep BOOLEAN NOT NULL,
  scan BOOLEAN NOT NULL, folders VARCHAR(4096), last_check DATETIME, error VARCHAR(1023));
CREATE TABLE manager (domain_name VARCHAR(80) REFERENCES domain (name),
  user_email VARCHAR(255) REFERENCES user (email));
INSERT INTO alembic_version VALUES ('{REVISION}');
"""
KEYS = {"domain": "name", "alternative": "name", "relay": "name", "user": "email", "alias": "email", "token": "id"}
BOOLEANS = frozenset(
    {"signup_enabled", "global_admin", "enabled", "enable_imap", "enable_pop", "allow_spoofing", "forward_enabled"}
    | {"forward_keep", "reply_enabled", "spam_enabled", "spam_mark_as_read", "change_pw_next_login", "wildcard"}
)
LISTS = frozenset({"forward_destination", "destination", "ip"})
NAMES = frozenset({"name", "domain_name"})
ADDRESSES = frozenset({"email", "user_email"})
DEFAULTS: dict[str, dict[str, Any]] = {
    "domain": {"max_users": -1, "max_aliases": -1, "max_quota_bytes": 0, "signup_enabled": False},
    "alternative": {},
    "relay": {"smtp": None},
    "alias": {"wildcard": False, "destination": []},
    "token": {"ip": []},
    "user": {
        "quota_bytes_used": 0,
        "global_admin": False,
        "enabled": True,
        "enable_imap": True,
        "enable_pop": True,
        "allow_spoofing": False,
        "forward_enabled": False,
        "forward_destination": [],
        "forward_keep": True,
        "reply_enabled": False,
        "reply_subject": None,
        "reply_body": None,
        "reply_startdate": "1900-01-01",
        "reply_enddate": "2999-12-31",
        "displayed_name": "",
        "spam_enabled": True,
        "spam_mark_as_read": True,
        "change_pw_next_login": False,
    },
}

Row = dict[str, Any]


def prepare(file: Path | None = None) -> None:
    """Make the tables where there are none."""
    with sqlite3.connect(file or _file()) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'domain'").fetchone():
            connection.executescript(SCHEMA)


@contextmanager
def opened(file: Path | None = None) -> Iterator[Database]:
    """One transaction; nothing of it stays when it fails."""
    connection = sqlite3.connect(file or _file(), timeout=BUSY_S, isolation_level="IMMEDIATE")
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            yield Database(connection)
    finally:
        connection.close()


class Database:
    """Rows as dictionaries: lists are lists, booleans booleans, names as people write them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, table: str, **where: Any) -> list[Row]:
        """All that match, in the order of their keys."""
        condition = " AND ".join(f"{name} = ?" for name in where) or "1"
        order = KEYS.get(table, "1")
        query = f"SELECT * FROM {table} WHERE {condition} ORDER BY {order}"
        values = [_stored(name, value) for name, value in where.items()]
        return [_shown(dict(row)) for row in self._connection.execute(query, values)]

    def stored(self, table: str, **where: Any) -> list[Row]:
        """The same with names in ASCII, as they are kept, and in the order in which they were made."""
        condition = " AND ".join(f"{name} = ?" for name in where) or "1"
        query = f"SELECT * FROM {table} WHERE {condition} ORDER BY rowid"
        return [_shown(dict(row), ascii_names=True) for row in self._connection.execute(query, list(where.values()))]

    def row(self, table: str, key: Any) -> Row | None:
        try:
            found = self.rows(table, **{KEYS[table]: key})
        except (ValueError, UnicodeError):
            return None  # no name that could be there
        return found[0] if found else None

    def insert(self, table: str, values: Row) -> None:
        common = {} if table == "manager" else {"created_at": _today(), "comment": ""}
        full = {**common, **_defaults(table), **values}
        if table in ("user", "alias"):
            full["localpart"], _at, full["domain_name"] = values["email"].lower().rpartition("@")
        names = ", ".join(full)
        marks = ", ".join("?" for _name in full)
        stored = [_stored(name, value) for name, value in full.items()]
        self._connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", stored)

    def update(self, table: str, key: Any, values: Row, *, dated: bool = True) -> None:
        changed = {**values, **({"updated_at": _today()} if dated else {})}
        sets = ", ".join(f"{name} = ?" for name in changed)
        stored = [_stored(name, value) for name, value in changed.items()] + [_stored(KEYS[table], key)]
        self._connection.execute(f"UPDATE {table} SET {sets} WHERE {KEYS[table]} = ?", stored)

    def delete(self, table: str, **where: Any) -> None:
        """And what hangs on it: a domain's users, aliases and alternatives, a user's tokens."""
        for row in self.rows(table, **where):
            if table == "domain":
                for below in ("user", "alias", "alternative", "manager"):
                    self.delete(below, domain_name=row["name"])
            elif table == "user":
                for below in ("token", "fetch", "manager"):
                    self.delete(below, user_email=row["email"])
        condition = " AND ".join(f"{name} = ?" for name in where) or "1"
        values = [_stored(name, value) for name, value in where.items()]
        self._connection.execute(f"DELETE FROM {table} WHERE {condition}", values)

    @contextmanager
    def change(self) -> Iterator[None]:
        """What breaks off inside leaves nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            yield


def to_ascii(name: str) -> str:
    """:raises UnicodeError: it is no name of a domain."""
    return idna.encode(name.lower()).decode("ascii")


def address_to_ascii(address: str) -> str:
    """:raises ValueError: it has no domain, or one that is none."""
    local, at, domain = address.lower().rpartition("@")
    if not at or "@" in local:
        raise ValueError(f"{address} is no address")
    return f"{local}@{to_ascii(domain)}"


def _file() -> Path:
    return Path("/", setting("SQLITE_DATABASE_FILE"))


def _defaults(table: str) -> Row:
    found = dict(DEFAULTS.get(table, {}))
    if table == "user":
        found["quota_bytes"] = int(setting("DEFAULT_QUOTA"))
        found["spam_threshold"] = int(setting("DEFAULT_SPAM_THRESHOLD"))
    return found


def _stored(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in LISTS:
        return ",".join(sorted(set(value)))
    if name in NAMES:
        return to_ascii(value)
    if name in ADDRESSES:
        return address_to_ascii(value)
    return int(value) if isinstance(value, bool) else value


def _shown(row: Row, *, ascii_names: bool = False) -> Row:
    return {
        name: value if ascii_names and name in NAMES | ADDRESSES else _readable(name, value)
        for name, value in row.items()
    }


def _readable(name: str, value: Any) -> Any:
    if name in LISTS:
        return [part for part in (value or "").split(",") if part]
    if name in BOOLEANS:
        return bool(value)
    if name in NAMES and value is not None:
        return idna.decode(value)
    if name in ADDRESSES:
        local, _at, domain = value.rpartition("@")
        return f"{local}@{idna.decode(domain)}"
    return value


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
