"""Settings > Updates: asks only when the button is pressed, names what a signed notice tells, and installs nothing."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PySide6.QtWidgets import QLabel

from backend.upkeep.updates import signed_part
from tests.app.conftest import NewConsole
from tests.app.person import Person

KEY = Ed25519PrivateKey.generate()
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()


def notice(version: str, key: Ed25519PrivateKey = KEY) -> bytes:
    told = {"version": version, "released": "2026-12-01", "notes": "https://releases.example/notes"}
    return json.dumps({**told, "signature": base64.b64encode(key.sign(signed_part(told))).decode()}).encode()


class Publisher:
    """A web server with one file, and a count of who asked for it."""

    def __init__(self) -> None:
        self.file, self.asked = notice("9.1.0"), 0
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked += 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(publisher.file)

            def log_message(self, *_words: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}/release.json"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    yield made
    made.close()


def look(person: Person, publisher: Publisher, key: str = PUBLIC) -> str:
    """Fill in, press the button; what is said."""
    part = person.settings_part("updates")
    if part.enter.isVisible():
        person.click(part.enter)
    person.enter(part.address, publisher.address)
    person.enter(part.key, key)
    person.click(part.look)
    person.wait(lambda: part.banner.isVisible() and part.look.isEnabled(), "an answer")
    return str(part.banner.text)


def test_who_was_given_nothing_is_asked_for_nothing(new_console: NewConsole, publisher: Publisher) -> None:
    person = new_console()
    part = person.settings_part("updates")
    assert not part.address.isVisible()
    assert not part.key.isVisible()
    assert not part.look.isVisible()
    assert "install the newer package over it" in part.words.text()
    assert metadata.version("mailyard") in " ".join(label.text() for label in part.findChildren(QLabel))

    person.click(part.enter)
    assert part.window().focusWidget() is part.address
    assert part.look.isVisible()
    assert not part.look.isEnabled()
    person.enter(part.address, publisher.address)
    assert not part.look.isEnabled()
    person.close()

    assert new_console().settings_part("updates").address.isVisible()


def test_a_newer_version_is_named(person: Person, publisher: Publisher) -> None:
    part = person.settings_part("updates")
    assert not part.look.isVisible()

    said = look(person, publisher)

    assert "Version 9.1.0 was released on 1 Dec 2026." in said
    assert "https://releases.example/notes" in said


def test_the_newest_is_said_to_be_so(person: Person, publisher: Publisher) -> None:
    publisher.file = notice("0.0.1")
    assert "You have the newest version" in look(person, publisher)


def test_a_notice_of_somebody_else_is_refused(person: Person, publisher: Publisher) -> None:
    publisher.file = notice("9.1.0", Ed25519PrivateKey.generate())

    said = look(person, publisher)

    assert "was not signed by the key you entered" in said
    assert "9.1.0" not in said


def test_nothing_is_asked_before_the_button_is_pressed(new_console: NewConsole, publisher: Publisher) -> None:
    person = new_console()
    part = person.settings_part("updates")
    person.click(part.enter)
    person.enter(part.address, publisher.address)
    person.enter(part.key, PUBLIC)
    assert part.look.isEnabled()
    person.close()

    later = new_console()
    part = later.settings_part("updates")
    later.rest()

    assert (part.address.text(), part.key.text(), publisher.asked) == (publisher.address, PUBLIC, 0)
