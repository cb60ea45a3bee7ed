"""What stands between us and an authority: it loses answers, answers in its place, and writes down what passed."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from backend.acme.authorities import Authority
from backend.acme.problems import PREFIX
from tests.backend.acme.pebble import HOST, Pebble

#: What a proxy passes on of an answer.
PASSED = ("content-type", "replay-nonce", "location", "retry-after", "link")


@dataclass
class Fault:
    """What happens to the next requests whose path holds ``part``; with a ``status`` the authority is not asked, else
    what it takes is not answered."""

    part: str
    times: int = 1
    status: int | None = None
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class Between:
    """A front with Pebble's own pair, which takes the front's address for its own."""

    def __init__(self, pebble: Pebble) -> None:
        self.faults: list[Fault] = []
        self.passed: list[tuple[str, Any]] = []
        self.meta: dict[str, Any] = {}
        self.pending = ""
        self._pebble = pebble
        self._client = httpx.Client(verify=False, trust_env=False, timeout=60.0)
        own = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                own.handle(self)

            def do_POST(self) -> None:
                own.handle(self)

            def do_HEAD(self) -> None:
                own.handle(self)

            def log_message(self, *_arguments: Any) -> None: ...

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.server.socket = pebble.context.wrap_socket(self.server.socket, server_side=True)

    @property
    def authority(self) -> Authority:
        return replace(self._pebble.authority, directory_url=f"https://{HOST}:{self.server.server_port}/dir")

    def count(self, part: str) -> int:
        """How many requests of such a path the authority took."""
        return sum(part in path for path, _payload in self.passed)

    def payload(self, part: str) -> Any:
        """Of the last one."""
        return [payload for path, payload in self.passed if part in path][-1]

    def refuse(self, part: str, status: int, kind: str, detail: str = "", *, times: int = 1, **more: Any) -> None:
        """Answer in the authority's place; ``retry_after`` is a header, ``about`` the name of a subproblem."""
        body: dict[str, Any] = {"type": PREFIX + kind, "detail": detail}
        if about := more.get("about"):
            body["subproblems"] = [{"type": PREFIX + kind, "identifier": {"type": "dns", "value": about}}]
        headers = {"Retry-After": more["retry_after"]} if "retry_after" in more else {}
        self.faults.append(Fault(part, times, status, body, headers))

    def lose(self, part: str) -> None:
        """The next request of such a path that the authority takes is not answered."""
        self.faults.append(Fault(part))

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        sent = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if fault := self._fault(request.path, is_asked=False):
            headers = {"Content-Type": "application/problem+json", **fault.headers}
            _reply(request, fault.status or 500, headers, json.dumps(fault.body).encode())
            return
        answer = self._forwarded(request, sent)
        if answer.is_success:  # it refuses nonces at random
            self.passed.append((request.path, _payload(sent)))
            if self._fault(request.path, is_asked=True):
                request.close_connection = True
                return
        headers = {name: answer.headers[name] for name in PASSED if name in answer.headers}
        if "link" in answer.headers:
            headers["link"] = ", ".join(answer.headers.get_list("link"))
        _reply(request, answer.status_code, headers, self._body(request.path, answer))

    def _fault(self, path: str, *, is_asked: bool) -> Fault | None:
        fits = (each for each in self.faults if each.part in path and each.times and (each.status is None) == is_asked)
        fault = next(fits, None)
        if fault is not None:
            fault.times -= 1
        return fault

    def _forwarded(self, request: BaseHTTPRequestHandler, sent: bytes) -> httpx.Response:
        host = f"{HOST}:{self.server.server_port}"
        headers = {"Host": host}
        headers |= {name: request.headers[name] for name in ("Content-Type", "Accept") if name in request.headers}
        url = f"https://{HOST}:{self._pebble.port}{request.path}"
        return self._client.request(request.command, url, headers=headers, content=sent)

    def _body(self, path: str, answer: httpx.Response) -> bytes:
        """With what the directory is to say besides, and with ``pending`` in place of a state on such paths."""
        if path == "/dir" and self.meta:
            body = answer.json()
            return json.dumps({**body, "meta": {**body["meta"], **self.meta}}).encode()
        if self.pending and self.pending in path:
            return json.dumps({**answer.json(), "status": "pending"}).encode()
        return answer.content

    def close(self) -> None:
        self._client.close()


def _reply(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)


def _payload(sent: bytes) -> Any:
    """What a signed request says; None of one that says nothing."""
    if not sent:
        return None
    text = json.loads(sent)["payload"]
    return json.loads(base64.urlsafe_b64decode(text + "==")) if text else None
