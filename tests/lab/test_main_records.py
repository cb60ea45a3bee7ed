"""The API of the lab's mail server, on tables as Mailu has them: it answers as the real one answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.demo.emulator.wire import Answer, Request
from backend.demo.mailu.calls import BASE, Calls
from backend.demo.mailu.commands import Commands
from backend.demo.mailu.model import Model, model_of
from backend.demo.mailu.settings import Environment
from tests.emulators.recorded_mailu import lasting, recorded
from tests.lab.mail.images import STAND_INS
from tests.lab.mail.sources import with_imported
from tests.lab.standins.admin.database import opened, prepare
from tests.lab.standins.admin.keys import KeyFiles
from tests.lab.standins.admin.main_records import MainRecords

JSON = {"content-type": "application/json"}


class QuickHashes:
    """Hashes in their form alone."""

    def hashed(self, password: str) -> str:
        return f"$bcrypt-sha256$v=2,t=2b,r=4${password}"

    def token_hash(self, secret: str) -> str:
        return f"$pbkdf2-sha256$1${secret}"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    monkeypatch.setenv("DKIM_PATH", f"{tmp_path}/{{domain}}.{{selector}}.key")
    prepare(tmp_path / "main.db")
    with opened(tmp_path / "main.db") as database:
        yield model_of(MainRecords(database), QuickHashes(), KeyFiles(), Environment)


def asked(model: Model, row: dict[str, Any]) -> Answer:
    request = Request(row["method"], f"{BASE}{row['path']}", {}, {} if row["body"] is None else JSON, row["body"])
    return Calls(model, lambda _request: None).answer(request)


def test_every_call_is_answered_as_the_real_one_answered_it(model: Model) -> None:
    for row in recorded("calls"):
        answer = asked(model, row)

        told = "<page>" if isinstance(answer.body, str) else lasting(answer.body)
        expected = row["answer"] if row["answer"] == "<page>" else lasting(row["answer"])
        assert (answer.status, told) == (row["status"], expected), row


def test_every_command_ends_as_the_real_one_ended(model: Model) -> None:
    for row in recorded("commands"):
        if "words" not in row:
            assert asked(model, row).status == 200, row
            continue
        stdin = row.get("stdin")
        ended = Commands(model).run(row["words"], "" if stdin is None else json.dumps(stdin))

        assert (ended.code, lasting(ended.out)) == (row["code"], row["out"]), row["words"]


def test_a_container_of_it_needs_the_emulator_alone_of_the_product() -> None:
    root = Path(__file__).parents[2]

    needed = [path.relative_to(root) for path in with_imported((root / STAND_INS).rglob("*.py"))]

    ours = {"/".join(path.parts[:3]) for path in needed if path.parts[0] != "tests"}
    assert ours == {"backend/__init__.py", "backend/demo/__init__.py", "backend/demo/emulator", "backend/demo/mailu"}
