"""The searcher finds a secret that was planted, in every form and at every place it is asked to search."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from backend.core.ssh.keys import new_key_pair
from tests.canaries.forms import needles, of_private_key
from tests.canaries.searcher import Searcher
from tests.installation import until


def after(count: int, value: bytes) -> bytes:
    """In one base64 text with other bytes before and behind."""
    return base64.b64encode(b"\x7f" * count + value + b"more")


CANARY = "dop_v1_cänary/7f+3e9b1c5d"
RAW = CANARY.encode()
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "raw": lambda value: value,
    "hex": lambda value: value.hex().encode(),
    "hex in capitals": lambda value: value.hex().upper().encode(),
    "URL-quoted": lambda value: quote(value, safe="").encode(),
    "UTF-16 LE": lambda value: value.decode("latin-1").encode("utf-16-le"),
    "UTF-16 BE": lambda value: value.decode("latin-1").encode("utf-16-be"),
    "the first half": lambda value: value[: len(value) // 2],
    "the second half": lambda value: value[len(value) // 2 :],
    **{f"base64 after {count} bytes": partial(after, count) for count in range(6)},
    "URL base64": lambda value: base64.urlsafe_b64encode(b"Bearer " + value),
    "base64 alone": base64.b64encode,
}


@pytest.fixture
def searcher() -> Searcher:
    return Searcher(needles("canary", RAW))


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("packing", ["plain", "zlib", "gzip", "zlib in zlib"])
def test_each_form_is_found_as_it_is_and_packed(
    searcher: Searcher, form: Callable[[bytes], bytes], packing: str
) -> None:
    planted = b"some words before " + form(RAW) + b" and after"
    pack: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "zlib": zlib.compress, "gzip": gzip.compress}
    packed = zlib.compress(b"outer" + zlib.compress(planted)) if packing == "zlib in zlib" else pack[packing](planted)

    assert searcher.in_bytes(b"\0" * 100 + packed, "blob")
    assert not searcher.in_bytes(b"\0" * 100 + zlib.compress(b"nothing of the kind"), "blob")


def make_table(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
    return database


def plant_in_row(folder: Path, text: bytes) -> None:
    with closing(make_table(folder / "app.db")) as database, database:
        database.execute("INSERT INTO note (text) VALUES (?)", (text,))


def plant_across_pages(folder: Path, text: bytes) -> None:
    """So that the value lies over the end of a page of 4096 bytes."""
    with closing(make_table(folder / "app.db")) as database:
        for before in range(4000, 4100, 4):
            with database:
                database.execute("INSERT INTO note (text) VALUES (?)", (b"x" * before + text,))


def plant_in_free_page(folder: Path, text: bytes) -> None:
    with closing(make_table(folder / "app.db")) as database:
        database.execute("PRAGMA secure_delete=OFF")  # Debian's SQLite would blank what it frees
        with database:
            database.executemany("INSERT INTO note (text) VALUES (?)", [(text * 20,)] * 50)
        with database:
            database.execute("DELETE FROM note")
    assert not list((folder).glob("*-wal"))


def plant_in_packed_cell(folder: Path, text: bytes) -> None:
    """Larger than a page even when packed, so that only the joined value unpacks."""
    noise = bytes(byte for n in range(3000) for byte in ((n * 7919) & 255, (n * 104_729 >> 3) & 255))
    with closing(make_table(folder / "app.db")) as database, database:
        database.execute("INSERT INTO note (text) VALUES (?)", (zlib.compress(noise + text),))


def plant_in_zip(folder: Path, text: bytes) -> None:
    with zipfile.ZipFile(folder / "diagnostics.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("logs/console.log", text)


def plant_in_log(folder: Path, text: bytes) -> None:
    (folder / "logs").mkdir()
    (folder / "logs" / "command.log").write_bytes(b"2026-11-24 INFO sent " + text + b"\n")


def plant_in_name(folder: Path, text: bytes) -> None:
    (folder / quote(text, safe="")).touch()


PLACES = [
    *(plant_in_row, plant_across_pages, plant_in_free_page, plant_in_packed_cell),
    *(plant_in_zip, plant_in_log, plant_in_name),
]


@pytest.mark.parametrize("plant", PLACES)
def test_each_place_of_a_folder_is_searched(
    searcher: Searcher, tmp_path: Path, plant: Callable[[Path, bytes], None]
) -> None:
    assert not searcher.in_folder(tmp_path)

    plant(tmp_path, RAW)

    assert searcher.in_folder(tmp_path)


def test_a_log_of_a_database_that_was_never_merged_is_searched(searcher: Searcher, tmp_path: Path) -> None:
    with closing(make_table(tmp_path / "app.db")) as database:
        with database:
            database.execute("INSERT INTO note (text) VALUES (?)", (RAW,))
        with database:
            database.execute("DELETE FROM note")
        assert RAW not in (tmp_path / "app.db").read_bytes()

        found = searcher.in_folder(tmp_path)

    assert any(hit.startswith("app.db-wal") for hit in found)


def test_arguments_and_environment_of_processes_and_their_children_are_searched(searcher: Searcher) -> None:
    for arguments, environment in ((["sleep 60; true", CANARY], {}), (["sleep 60; true"], {"TOKEN": CANARY})):
        inner = ["sh", "-c", 'sh -c "$@" & wait', "sh", *arguments]
        with subprocess.Popen(inner, env={"PATH": "/usr/bin:/bin", **environment}, start_new_session=True) as process:
            try:
                until(lambda: searcher.in_processes([process.pid]), "the canary in a process")
            finally:
                process.terminate()


def test_a_private_key_is_found_by_a_line_and_by_its_own_bytes() -> None:
    pair = new_key_pair()
    pem = pair.private.reveal()
    searcher = Searcher(of_private_key("key", pem))

    assert searcher.in_bytes(json.dumps(pem).encode(), "a document")
    assert searcher.in_bytes(base64.b64encode(pem.splitlines()[4].encode()), "the line with most of the secret")
    assert searcher.in_bytes(b"".join(base64.b64decode(line) for line in pem.splitlines()[1:-1]), "decoded")
    assert not searcher.in_bytes(pair.public.encode(), "the public half")
    assert not searcher.in_bytes(new_key_pair().private.reveal().encode(), "another key")


def test_a_public_key_is_never_taken_for_its_private_half() -> None:
    """One key in three hundred has its public half in the letters of the private file, too."""
    told_apart = 0
    for _ in range(600):
        pair = new_key_pair()
        found = of_private_key("key", pair.private.reveal())
        told_apart += any(needle in pair.private.reveal().encode() for needle in found)
        assert not any(needle in pair.public.encode() for needle in found)
    assert told_apart == 600
