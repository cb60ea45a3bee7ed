"""The HTTP loop of an emulator: loopback only, one thread a connection, faults applied around the API."""

from __future__ import annotations

import hmac
import json
import socket
import time
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from backend.demo.emulator.faults import AFTER_COMMIT, Fault, Faults
from backend.demo.emulator.wire import FORM, Answer, Api, Request

CONTROL = "/__emulator/"
WORD = "x-mailyard-word"
LOG_LENGTH = 500
MOST_BODY = 2_000_000
AGAIN_S = 0.1
HTML = "<html><body><h1>Service maintenance</h1></body></html>"


class EmulatorServer(ThreadingHTTPServer):
    """Serves one API on 127.0.0.1; ``faults`` and ``log`` are shared with its control requests."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, port: int | None, api: Api, faults: Faults, handler: type[Handler] | None = None, *, word: str = ""
    ) -> None:
        """Orders beside the API are taken with ``word`` only, where there is one. ``port`` None: it listens nowhere,
        and serves the connections that :meth:`take` is handed.
        """
        super().__init__(("127.0.0.1", port or 0), handler or Handler, bind_and_activate=port is not None)
        self.api = api
        self.faults = faults
        self.word = word
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    def take(self, connection: socket.socket, client: str) -> None:
        """Serve a connection that came another way, on a thread of its own."""
        self.process_request(connection, (client, 0))

    def get_request(self) -> tuple[socket.socket, Any]:
        """Where that fails, as without descriptors, it would be tried again at once, and fail again."""
        try:
            return super().get_request()
        except OSError:
            time.sleep(AGAIN_S)
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """One connection. An API that does not speak JSON has a class of its own: how it reads, writes and fails."""

    protocol_version = "HTTP/1.1"
    server: EmulatorServer

    def setup(self) -> None:
        super().setup()
        with suppress(OSError):  # one of a pair of sockets has no such option
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_args: object) -> None:
        """The log is a list that tests read; nothing goes to the terminal."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names the library calls

    def read(self, path: str, query: dict[str, str], raw: bytes) -> Request:
        """:raises ValueError: the body is none."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = _decoded(raw, headers.get("content-type", "")) if raw else None
        return Request(self.command, path, query, headers, body, str(self.client_address[0]))

    def text(self, answer: Answer) -> str | None:
        """What is sent as the body."""
        return None if answer.body is None else json.dumps(answer.body)

    def content_type(self, _answer: Answer) -> str:
        return "application/json; charset=utf-8"

    def too_many(self, fault: Fault, _request: Request) -> Answer:
        headers = {"retry-after": str(fault.retry_after)}
        return Answer(429, {"id": "too_many_requests", "message": "API rate limit exceeded."}, headers)

    def broken(self, _request: Request) -> Answer:
        return Answer(500, {"id": "server_error", "message": "Unexpected server-side error"})

    def changed(self, fault: Fault, answer: Answer) -> Answer:
        return Answer(answer.status, fault.changed(answer.body), answer.headers)

    def _serve(self) -> None:
        request = self._request()
        if request is None:
            self._send(Answer(400, {"id": "bad_request", "message": "The body is not JSON."}))
        elif request.path.startswith(CONTROL):
            is_owner = self._is_owner(request)
            self._send(self._control(request) if is_owner else Answer(403, {"message": "not the owner"}))
        else:
            self._with_faults(request)

    def _is_owner(self, request: Request) -> bool:
        """Not another user of the machine, and not a web page: a page names its origin, or another host than ours when
        a name of its own leads here."""
        port = self.server.server_address[1]
        is_page = "origin" in request.headers or request.headers.get("host") not in (
            f"127.0.0.1:{port}",
            f"localhost:{port}",
        )
        word = request.headers.get(WORD, "")
        return not is_page and hmac.compare_digest(word.encode(), self.server.word.encode())

    def _control(self, request: Request) -> Answer:
        name = request.path.removeprefix(CONTROL)
        if name == "faults" and request.method == "POST":
            try:
                self.server.faults.add(dict(request.body or {}))
            except ValueError as error:
                return Answer(422, {"message": str(error)})
            return Answer(200, {})
        if name == "faults" and request.method == "DELETE":
            self.server.faults.clear()
            return Answer(200, {})
        if name == "log":
            return Answer(200, {"requests": list(self.server.log)})
        if name == "reset":
            self.server.faults.clear()
            self.server.log.clear()
        return self.server.api.control(request)

    def _with_faults(self, request: Request) -> None:
        fault = self.server.faults.strike(request.method, request.call)
        if fault is not None and fault.kind not in AFTER_COMMIT:
            self._note(request, 0, fault)  # before the caller can know: it may look at the log at once
            if not self._before(fault, request):
                return
        answer = self.server.api.answer(request)
        self._note(request, answer.status, fault)
        if fault is None or fault.kind not in AFTER_COMMIT:
            self._send(answer)
        else:
            self._after(fault, request, answer)

    def _after(self, fault: Fault, request: Request, answer: Answer) -> None:
        """Apply a fault that comes after the work was done."""
        text = self.text(answer) or ""
        if fault.kind == "malformed":
            self._send_raw(answer.status, text[: max(1, len(text) // 2)], answer)
        elif fault.kind == "changed":
            self._send(self.changed(fault, answer))
        elif fault.kind == "500_after":
            self._send(self.broken(request))
        else:
            if fault.kind == "cut_body":
                self._send_raw(answer.status, text[:20], answer, promised=1_000)
            self._hang_up()

    def _before(self, fault: Fault, request: Request) -> bool:
        """Apply a fault that comes before the work; True when the work is done all the same."""
        if fault.kind == "slow":
            fault.cleared.wait(fault.seconds)
            return True
        time.sleep(fault.seconds)
        if fault.kind == "429":
            self._send(self.too_many(fault, request))
        elif fault.kind == "500":
            self._send(self.broken(request))
        elif fault.kind == "html":
            self._send_raw(fault.status, HTML, Answer(fault.status, headers={"content-type": "text/html"}))
        else:
            self._hang_up()
        return False

    def _request(self) -> Request | None:
        parts = urlsplit(self.path)
        length = min(int(self.headers.get("content-length") or 0), MOST_BODY)
        raw = self.rfile.read(length) if length else b""
        reading = Handler.read if parts.path.startswith(CONTROL) else type(self).read
        try:
            return reading(self, parts.path, dict(parse_qsl(parts.query)), raw)
        except ValueError:
            return None

    def _send(self, answer: Answer) -> None:
        self._send_raw(answer.status, self.text(answer), answer)

    def _send_raw(self, status: int, text: str | None, answer: Answer, *, promised: int | None = None) -> None:
        raw = (text or "").encode()
        try:
            self.send_response(status)
            for name, value in {"content-type": self.content_type(answer), **answer.headers}.items():
                if text is not None or name != "content-type":
                    self.send_header(name, value)
            if status != 204:
                self.send_header("content-length", str(len(raw) if promised is None else promised))
            self.end_headers()
            self.wfile.write(raw)
        except OSError:
            self.close_connection = True

    def _hang_up(self) -> None:
        """End the connection without an answer, as a dying proxy does."""
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _note(self, request: Request, status: int, fault: Fault | None) -> None:
        """The log never holds a body or a header: tokens and user-data pass here. A status of 0 is no answer yet, or
        none at all."""
        entry = {"method": request.method, "path": request.call, "status": status}
        self.server.log.append(entry | ({"fault": fault.kind} if fault else {}))


def _decoded(raw: bytes, kind: str) -> Any:
    """JSON, or the fields of a form: a name that ends in ``[]`` (PHP's way) is a list.

    :raises ValueError: it is neither.
    """
    if not kind.startswith(FORM):
        return json.loads(raw)
    fields: dict[str, Any] = {}
    for name, value in parse_qsl(raw.decode(), keep_blank_values=True):
        if name.endswith("[]"):
            fields.setdefault(name[:-2], []).append(value)
        else:
            fields[name] = value
    return fields
