"""A service that answers each path, or each action of a form, with what was recorded for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.requirements import shared

Answers = Mapping[str, tuple[int, Any]]


def samples_of(kind: str) -> dict[str, Any]:
    """The recorded answers of one live service by the name of the call."""
    found: dict[str, Any] = json.loads(shared("contracts", "openapi", "live-samples.json").read_text())
    return found["samples"][kind]  # type: ignore[no-any-return]


@contextmanager
def answering(answers: Answers) -> Iterator[str]:
    """The address of a service with these answers, status and body by path, or by action."""

    class Recorded(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("content-length") or 0))
            action = parse_qs(sent.decode(errors="replace")).get("action", [""])[0]
            status, body = answers[action or self.path.split("?")[0]]
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET  # noqa: N815 - a name the library calls

        def log_message(self, *_args: object) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Recorded) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(timeout=5)
