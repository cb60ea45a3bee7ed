"""What an authority looks at: a DNS, a front as Mailu's, and the solvers that put proofs there."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from backend.acme.orders import Challenge, ChallengeKind
from backend.core.errors import Cancelled, ProviderUnavailable
from backend.mailu.certificate import VALID_FOR, self_signed
from tests.backend.acme.pebble import HOST
from tests.backend.authrecords.name_server import LoopbackServer

T = TypeVar("T")
LONG_AGO = datetime.now(UTC) - VALID_FOR - timedelta(days=30)


class Waiting:
    """As a step of a job waits; ``cancel`` ends it between two looks."""

    def __init__(self) -> None:
        self.cancel = threading.Event()

    def poll(self, look: Callable[[], T | None], *, every_s: float, limit_s: float, note: str = "") -> T | None:
        end = time.monotonic() + limit_s
        while (found := look()) is None:
            self.stop_if_cancelled()
            if time.monotonic() >= end:
                return None
            self.cancel.wait(every_s)
        return found

    def stop_if_cancelled(self) -> None:
        if self.cancel.is_set():
            raise Cancelled("The job was cancelled.")


class Dns:
    """A zone that solvers write to. What is ``hidden`` no authority sees; ``hosts`` have the front's address."""

    def __init__(self, server: LoopbackServer) -> None:
        self._server = server
        self.texts: dict[str, list[str]] = {}
        self.aliases: dict[str, str] = {}
        self.hosts: set[str] = set()
        self.hidden: set[str] = set()

    def show(self) -> None:
        """Serve what stands here now."""
        zone: dict[str, list[Any]] = {host: [{"A": HOST}] for host in self.hosts}
        for name, values in self.texts.items():
            if values and name not in self.hidden:
                zone[name] = [{"TXT": value} for value in values]
        zone |= {name: [{"CNAME": target}] for name, target in self.aliases.items()}
        self._server.serve(zone)


class DnsSolver:
    """DNS-01 over :class:`Dns`, following aliases as whoever writes must."""

    kind: ChallengeKind = "dns-01"

    def __init__(self, dns: Dns) -> None:
        self.dns = dns
        self.looks = 0
        self.slow_looks = 0
        self.never: set[str] = set()
        self.impossible: dict[str, str] = {}
        self.is_stuck = False
        self.on_look: Callable[[], None] = lambda: None

    def takes(self, name: str) -> bool:
        return True

    def prepare(self, challenges: Sequence[Challenge]) -> Mapping[str, str]:
        for each in challenges:
            if each.name not in self.impossible:
                values = self.dns.texts.setdefault(self._place(each), [])
                values += [] if each.record_value in values else [each.record_value]
        self.dns.show()
        return self.impossible

    def is_shown(self, challenge: Challenge) -> bool:
        self.on_look()
        self.looks += 1
        return self.looks > self.slow_looks and challenge.name not in self.never

    def clean(self, challenges: Sequence[Challenge]) -> None:
        if self.is_stuck:
            raise ProviderUnavailable("The DNS host reported an internal error.")
        for each in challenges:
            values = self.dns.texts.get(self._place(each), [])
            values[:] = [value for value in values if value != each.record_value]
        self.dns.show()

    def _place(self, challenge: Challenge) -> str:
        return self.dns.aliases.get(challenge.record_name, challenge.record_name)


class FrontSolver:
    """HTTP-01 over :class:`Front`."""

    kind: ChallengeKind = "http-01"

    def __init__(self, front: Front, dns: Dns) -> None:
        self._front, self._dns = front, dns

    def takes(self, name: str) -> bool:
        return name.startswith("front")

    def prepare(self, challenges: Sequence[Challenge]) -> Mapping[str, str]:
        self._front.files |= {each.path: each.content for each in challenges}
        self._dns.hosts |= {each.name for each in challenges}
        self._dns.show()
        return {}

    def is_shown(self, challenge: Challenge) -> bool:
        return self._front.files.get(challenge.path) == challenge.content

    def clean(self, challenges: Sequence[Challenge]) -> None:
        for each in challenges:
            self._front.files.pop(each.path, None)


class Front:
    """As Mailu's: port 80 answers with the way to https alone; there, behind a pair that has expired, lies the file."""

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, str] = {}
        self.asked: list[str] = []
        own = self

        class Tls(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                own.asked.append(f"https {self.path}")
                content = own.files.get(self.path, "").encode()
                self.send_response(200 if content else 404)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: Any) -> None: ...

        class Plain(Tls):
            def do_GET(self) -> None:
                own.asked.append(f"http {self.path}")
                host = self.headers["Host"].split(":")[0]
                self.send_response(301)
                self.send_header("Location", f"https://{host}:{own.tls.server_port}{self.path}")
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.plain, self.tls = ThreadingHTTPServer((HOST, 0), Plain), ThreadingHTTPServer((HOST, 0), Tls)
        self.tls.socket = _expired(folder).wrap_socket(self.tls.socket, server_side=True)

    @property
    def port(self) -> int:
        return self.plain.server_port


def _expired(folder: Path) -> ssl.SSLContext:
    pair = self_signed(("front.test",), LONG_AGO)
    (folder / "old.pem").write_text(pair.certificate)
    (folder / "old.key").write_text(pair.key.reveal())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "old.pem", folder / "old.key")
    return context


@contextmanager
def serving(*servers: ThreadingHTTPServer) -> Iterator[None]:
    """In threads of their own, ended with the block."""
    threads = [threading.Thread(target=each.serve_forever, args=(0.02,)) for each in servers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for each in servers:
            each.shutdown()
            each.server_close()
        for thread in threads:
            thread.join()
