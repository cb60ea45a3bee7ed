"""Prism as fixtures: the official API document checks each request to an emulator and each answer of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import httpx
import pytest

from tests.emulators.process import Emulator
from tests.ending import ends_with_us
from tests.requirements import ROOT, lacking, shared

START_S = 60.0
VIOLATIONS = "sl-violations"
PRISMS_OWN = "application/problem+json"  # how prism itself answers: to a bad request it adds no header
#: Places of documents that forbid what they demand, so that no request satisfies them: the prohibition is left out.
IMPOSSIBLE: dict[str, tuple[tuple[str, ...], ...]] = {
    "linode.json": (
        (
            *("paths", "/v4/networking/firewalls", "post", "requestBody", "content", "application/json"),
            *("schema", "properties", "rules", "additionalProperties"),
        ),
    )
}
BREACH = '"severity":"Error"'  # it only warns of a refusal whose status the document does not list


def prism_program() -> str:
    """Where prism is; ends the test where it is absent."""
    wanted = os.environ.get("MAILYARD_PRISM") or str(ROOT / ".cache/prism/node_modules/.bin/prism")
    if not Path(wanted).exists() or shutil.which("node") is None:
        lacking("prism", "@stoplight/prism-cli is not installed (MAILYARD_PRISM names its program)")
    return wanted


class Prism:
    """A running ``prism proxy --errors`` before one emulator."""

    def __init__(self, document: Path, upstream: str) -> None:
        command = [prism_program(), "proxy", "-h", "127.0.0.1", "-p", "0", "--errors", str(document), upstream]
        self._process = subprocess.Popen(
            ends_with_us(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._read, name="prism output", daemon=True).start()
        self.url = self._address()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=START_S)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        """Its log is drained to the end, or it would stop at a full pipe."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    def _address(self) -> str:
        said = []
        try:
            while "is listening on" not in (line := self._lines.get(timeout=START_S)):
                said.append(line)
        except Empty:
            self.close()
            pytest.fail(f"prism did not start within {START_S:.0f} s: {''.join(said[-5:])}")
        return line.rsplit(" ", 1)[1].strip()


@dataclass
class Exchanges:
    """The violations of the document that prism saw, request or answer, by exchange."""

    seen: int = 0
    violations: list[tuple[str, str, str]] = field(default_factory=list)

    def note(self, response: httpx.Response) -> None:
        self.seen += 1
        seen = response.headers.get(VIOLATIONS, "")
        if BREACH in seen or response.headers.get("content-type") == PRISMS_OWN:
            request, words = response.request, seen or "the request"
            self.violations.append((request.method, request.url.path, words))


class Prisms:
    """One prism and the emulator behind it for each provider, started when first asked for: each needs 160 MB."""

    def __init__(self, new_folder: Callable[[str], Path]) -> None:
        self._new_folder = new_folder
        self._emulators: dict[str, Emulator] = {}
        self._running: dict[str, Prism] = {}

    def emulator(self, kind: str) -> Emulator:
        """The emulator that prism is attached to; tests that use it start from :meth:`Emulator.reset`."""
        if kind not in self._emulators:
            self._emulators[kind] = Emulator(self._new_folder(f"document-{kind}"), kind=kind)
        return self._emulators[kind]

    def before(self, kind: str, document: str) -> Prism:
        """Checks every exchange with that emulator against a document of ``shared/contracts/openapi``."""
        if kind not in self._running:
            file = _possible(shared("contracts", "openapi", document), self._new_folder(f"documents-{kind}"))
            self._running[kind] = Prism(file, self.emulator(kind).url)
        return self._running[kind]

    def close(self) -> None:
        for prism in self._running.values():
            prism.close()
        for emulator in self._emulators.values():
            emulator.close()


def _possible(document: Path, folder: Path) -> Path:
    """The document, or a copy of it without its impossible prohibitions."""
    places = IMPOSSIBLE.get(document.name, ())
    if not places:
        return document
    content = json.loads(document.read_text())
    for *path, last in places:
        holder = content
        for part in path:
            holder = holder[part]
        del holder[last]
    copy = folder / document.name
    copy.write_text(json.dumps(content))
    return copy


@pytest.fixture(scope="session")
def prisms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prisms]:
    made = Prisms(tmp_path_factory.mktemp)
    yield made
    made.close()


@pytest.fixture(scope="session")
def document_emulator(prisms: Prisms) -> Emulator:
    """DigitalOcean, as documented."""
    return prisms.emulator("digitalocean")


@pytest.fixture(scope="session")
def prism(prisms: Prisms) -> Prism:
    """The one before DigitalOcean."""
    return prisms.before("digitalocean", "digitalocean.json")


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> Exchanges:
    """Listens to every HTTP exchange of this process, whoever's client it is."""
    found, send = Exchanges(), httpx.Client.send

    def listening(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        response = send(client, request, **options)
        found.note(response)
        return response

    monkeypatch.setattr(httpx.Client, "send", listening)
    return found
