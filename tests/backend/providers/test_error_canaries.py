"""Errors of each provider that quote secrets and people: nothing of that, and not the whole body, gets into a log."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from xml.sax.saxutils import escape

import pytest

from backend.core.errors import MailyardError
from backend.core.secrets.values import Secret
from backend.providers.registry import known_providers
from tests.backend.providers.cases import CASES, Case

pytestmark = pytest.mark.judged_once

TOKEN = "canary-Token-known-6e1f0a9b/Zq"
STRANGER, PASSWORD = "sk4live5CANARY77c0ffee11d00d42", "CANARY-pw-9"
PERSON, BEYOND = "CANARY.olga@agency.example", "CANARY-beyond-the-reason"
CANARIES = (TOKEN, STRANGER, PASSWORD, PERSON, BEYOND, "CANARY")
REASON = "the plan is not on offer"
WORDS = f"{REASON}: {TOKEN} {STRANGER} password={PASSWORD} of {PERSON} " + "and more " * 400 + BEYOND
STATUSES = (400, 401, 403, 404, 409, 422, 429, 500, 503)
SERVER = {"ec2": "us-east-1/i-0123456789abcdef0"}
LONGEST = 700


@dataclass
class Reply:
    """What is answered to everything."""

    status: int = 400
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def reply() -> Reply:
    return Reply()


@pytest.fixture
def url(reply: Reply) -> Iterator[str]:
    class Says(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(reply.status)
            for name, value in {**reply.headers, "content-length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_DELETE = do_GET  # noqa: N815 - names the library calls

        def log_message(self, *_arguments: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Says) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(timeout=5)


def said_by(case: Case) -> bytes:
    """The provider's own error, with more beside its reason."""
    if case.kind == "ec2":
        more = f"<Debug>{BEYOND}</Debug><RequestID>{PERSON} {'x' * 900}</RequestID>"
        error = f"<Error><Code>InvalidParameterValue</Code><Message>{escape(WORDS)}</Message></Error>"
        return f"<Response><Errors>{error}</Errors>{more}</Response>".encode()
    bodies: dict[str, dict[str, object]] = {
        "digitalocean": {"id": "unprocessable_entity", "message": WORDS},
        "hostwinds": {"result": "error", "action": "get_instances", "message": WORDS},
        "linode": {"errors": [{"field": "type", "reason": WORDS}, {"reason": BEYOND}]},
        "vultr": {"error": WORDS, "status": 400},
    }
    return json.dumps({**bodies[case.kind], "request": {"root_pass": PASSWORD, "debug": BEYOND}}).encode()


def told(url: str, case: Case, caplog: pytest.LogCaptureFixture) -> Iterator[tuple[MailyardError, str]]:
    """Each error of reading and of writing, with all that a log could get of it."""
    driver = known_providers().open(case.kind, Secret(case.credential(TOKEN)), endpoint_url=url)
    calls: list[Callable[[], object]] = [driver.machines, lambda: driver.power(SERVER.get(case.kind, "7"), "on")]
    for call in calls:
        with pytest.raises(MailyardError) as raised:
            call()
        error = raised.value
        logging.getLogger("mailyard.job").warning("Step failed: %s %s", error.title, error.detail)
        whole = "".join(traceback.format_exception(error))
        yield error, "\n".join((error.title, error.remedy, error.detail, whole, caplog.text))
    driver.close()


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_an_error_keeps_its_reason_and_nothing_else(
    url: str, reply: Reply, caplog: pytest.LogCaptureFixture, case: Case, status: int
) -> None:
    reply.status, reply.body = status, said_by(case)
    reply.headers = {"content-type": "application/json", "x-request-id": f"{PERSON} {TOKEN} {'y' * 900}"}
    if status == 429:
        reply.headers["retry-after"] = "60"

    for error, text in told(url, case, caplog):
        found = [canary for canary in CANARIES if canary in text]
        assert found == []
        assert REASON in error.title + error.detail or status in (429,)
        assert len(error.title) < LONGEST
        assert len(error.detail) < LONGEST


@pytest.mark.parametrize("status", [200, 403, 502])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_of_a_page_that_is_not_the_providers_nothing_is_kept(
    url: str, reply: Reply, caplog: pytest.LogCaptureFixture, case: Case, status: int
) -> None:
    reply.status, reply.body = status, f"<html>{WORDS}</html>".encode()
    reply.headers = {"content-type": f"text/html; x={STRANGER}; {PERSON}; {'z' * 900}"}

    for error, text in told(url, case, caplog):
        assert [canary for canary in CANARIES if canary in text] == []
        assert len(error.detail) < LONGEST
