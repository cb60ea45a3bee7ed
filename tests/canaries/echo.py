"""A provider that quotes the request's credentials in its errors, as a debugging proxy would."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

STATUSES = (401, 403, 404, 409, 422)


class EchoingProvider:
    """Answers each request with ``status`` and the token in the message: plain, in base64, and URL-quoted."""

    def __init__(self) -> None:
        self.status = STATUSES[0]
        self.heard: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                header = str(self.headers["Authorization"])
                provider.heard.append(header)
                body = json.dumps({"id": "echo", "message": message(header)}).encode()
                self.send_response(provider.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("X-Request-Id", header)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=10)
        self._server.server_close()


def message(header: str) -> str:
    """The token three times: whole, alone in base64, and quoted."""
    token = header.removeprefix("Bearer ")
    return f"limit: you sent {header}, {base64.b64encode(token.encode()).decode()}, {quote(token, safe='')}"
