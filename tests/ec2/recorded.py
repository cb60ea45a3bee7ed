"""A service that answers each EC2 call with what was written for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.ec2.query import Call, call_of


@dataclass
class Service:
    """Its address, what it was asked, and the headers of each question."""

    url: str
    calls: list[Call] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def answering(answers: Mapping[str, tuple[int, str]], ahead_s: float = 0.0) -> Iterator[Service]:
    """Status and body by the call's name; the service's clock is ``ahead_s`` ahead of ours."""
    service = Service("")

    class Recorded(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = call_of(self.rfile.read(int(headers["content-length"])), headers)
            service.calls.append(call)
            service.headers.append(headers)
            status, body = answers[call.action]
            self.send_response(status)
            self.send_header("content-type", "text/xml;charset=UTF-8")
            self.send_header("content-length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((time.time() if timestamp is None else timestamp) + ahead_s)

        def log_message(self, *_args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Recorded) as server:
        service.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join(timeout=5)
