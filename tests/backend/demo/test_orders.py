"""Orders beside an emulated API: taken from the owner alone, not from other users of the machine nor from web pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from backend.demo.digitalocean.api import DigitalOceanApi
from backend.demo.emulator.faults import Faults
from backend.demo.emulator.machines import NoMachines
from backend.demo.emulator.process import Start
from backend.demo.emulator.server import WORD, EmulatorServer
from backend.demo.emulator.state import State
from backend.demo.fleet.clouds import WHERE, Clouds

OWN = "a-random-word"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmulatorServer]:
    state = State(tmp_path)
    api = DigitalOceanApi(Start(tmp_path, state, NoMachines(), "document", 1.0, "token"))
    made = EmulatorServer(0, api, Faults(), word=OWN)
    thread = threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()
    api.close()
    state.close()


STRANGERS = {
    "no word": {},
    "an empty word": {WORD: ""},
    "another word": {WORD: "another"},
    "a word no header of ours holds": {WORD: "wörd"},
    "a web page": {WORD: OWN, "origin": "https://elsewhere.example"},
    "a page without an origin": {WORD: OWN, "origin": "null"},
    "a name that leads here": {WORD: OWN, "host": "elsewhere.example"},
    "the name with our port": {WORD: OWN, "host": "elsewhere.example:{port}"},
}
ORDERS = [
    ("GET", "counters"),
    ("GET", "log"),
    ("POST", "tokens"),
    ("POST", "reset"),
    ("POST", "faults"),
    ("DELETE", "faults"),
]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_an_order_of_a_stranger_is_refused_and_changes_nothing(server: EmulatorServer, stranger: str) -> None:
    port = str(server.server_address[1])
    given = STRANGERS[stranger].items()
    headers = [(name.encode(), value.replace("{port}", port).encode("latin-1")) for name, value in given]
    body = {"token": "planted", "kind": "500"}
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for method, order in ORDERS:
            answer = client.request(method, f"/__emulator/{order}", headers=headers, json=body)
            assert answer.status_code == 403
        planted = client.get("/v2/account", headers={"authorization": "Bearer planted"})
        ours = client.get("/v2/account", headers={"authorization": "Bearer token"})

    assert (planted.status_code, ours.status_code) == (401, 200)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_its_owner_s_is_taken(server: EmulatorServer, host: str) -> None:
    headers = {WORD: OWN, "host": f"{host}:{server.server_address[1]}"}

    assert httpx.get(f"{server.url}/__emulator/counters", headers=headers, trust_env=False).status_code == 200


def test_the_demo_s_clouds_have_a_word_that_only_their_folder_tells(tmp_path: Path) -> None:
    clouds = Clouds(tmp_path / "clouds")
    try:
        file = tmp_path / "clouds" / WHERE
        where = json.loads(file.read_text())
        for url in where["clouds"].values():
            stranger = httpx.post(f"{url}/__emulator/reset", json={}, trust_env=False)
            owner = httpx.get(f"{url}/__emulator/counters", headers={WORD: where["word"]}, trust_env=False)
            assert (stranger.status_code, owner.status_code) == (403, 200)
        assert len(where["word"]) >= 24
        assert file.stat().st_mode & 0o777 == 0o600
    finally:
        clouds.close()
