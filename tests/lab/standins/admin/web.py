"""HTTP as admin speaks it: requests are matched to functions by method and path, answers are JSON."""

from __future__ import annotations

import http.server
import json
import re
import traceback
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any


@dataclass(frozen=True)
class Request:
    """``parts`` are what the path's placeholders stand for, unquoted."""

    method: str
    path: str
    headers: Message
    body: bytes
    peer: str
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def client(self) -> str:
        """The address of who really asks; front tells it."""
        return self.headers.get("X-Real-IP") or self.peer

    def form(self) -> dict[str, str]:
        """The fields of a form that was sent."""
        return dict(urllib.parse.parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Answer:
    """``content`` is text as it is, anything else becomes JSON."""

    content: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Act = Callable[[Request], Answer]


class Routes:
    """What answers what; the first that fits a path is asked. HEAD is answered as GET: rspamd asks so for its maps."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Act]] = []

    def add(self, method: str, path: str, act: Act) -> None:
        """``/user/<email>``: a placeholder takes one part of the path, ``<email...>`` all that is left."""
        pattern = re.sub(r"<(\w+)\.\.\.>", r"(?P<\1>.+)", re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path))
        self._routes.append((method, re.compile(pattern), act))

    def answer(self, request: Request) -> Answer:
        """:raises Exception: whatever an act raises."""
        others, wanted = False, "GET" if request.method == "HEAD" else request.method
        for method, pattern, act in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == wanted:
                parts = {name: urllib.parse.unquote(part) for name, part in match.groupdict().items()}
                return act(Request(request.method, request.path, request.headers, request.body, request.peer, parts))
            others = others or match is not None
        if others:
            return Answer({"message": "The method is not allowed for the requested URL."}, 405)
        return Answer({"message": "The requested URL was not found on the server."}, 404)


def serve(routes: Routes, port: int) -> None:
    """For ever."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version, sys_version = "admin", ""

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            path = urllib.parse.urlsplit(self.path).path
            body = self.rfile.read(length) if length else b""
            request = Request(self.command, path, self.headers, body, self.client_address[0])
            self._send(_answered(routes, request))

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = answer  # noqa: N815 - names that http.server looks for

        def _send(self, answer: Answer) -> None:
            is_text = isinstance(answer.content, str)
            raw = (answer.content if is_text else f"{json.dumps(answer.content)}\n").encode()
            kind = "text/html; charset=utf-8" if is_text else "application/json"
            self.send_response(answer.status)
            for name, value in {"Content-Type": kind, **answer.headers, "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            if not self.path.startswith(("/ping", "/internal/auth/email")):
                print(f"{self.client_address[0]} {format % args}", flush=True)

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    Server(("0.0.0.0", port), Handler).serve_forever()


def _answered(routes: Routes, request: Request) -> Answer:
    try:
        return routes.answer(request)
    except Exception:
        traceback.print_exc()
        return Answer({"message": "Internal Server Error"}, 500)
