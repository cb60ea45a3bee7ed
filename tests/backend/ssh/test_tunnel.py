"""HTTPS to a server's own loopback through a real sshd: to the one pinned certificate, and to nothing else."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from backend.core import http
from backend.core.errors import Cancelled, CertificateChanged, HostUnreachable, MailyardError, NoNetwork, OutcomeUnknown
from backend.core.http import HttpWire
from backend.core.ssh.session import SshSession
from backend.core.ssh.tunnel import Tunnel
from backend.mailu.certificate import Pair, self_signed
from tests.backend.ssh.hosts import host, login
from tests.installation import until
from tests.lab.client import Client
from tests.lab.hosts import LabHost

if TYPE_CHECKING:
    import paramiko

pytestmark = pytest.mark.lab

NAME = "mx1.example.net"
GOOD, OTHER, SILENT, NOBODY = 8443, 8444, 8445, 8446
#: A web server on the loopback alone; each request it gets is a line of its log. It shows the pair of its port.
SERVER = """
import http.server, json, socket, ssl, sys, threading
class Says(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        size = int(self.headers.get("content-length") or 0)
        got = len(self.rfile.read(size))
        with open("/root/asked", "a") as log:
            print(self.server.server_port, self.path, self.headers["host"], file=log)
        body = json.dumps({"got": got, "port": self.client_address[1], "more": "x" * int(self.headers.get("more", 0))})
        self.send_response(200)
        self.send_header("content-length", str(len(body) + (1000 if self.path == "/cut" else 0)))
        self.end_headers()
        self.wfile.write(body.encode())
        self.close_connection = self.path in ("/cut", "/last")
    do_GET = do_POST
    def log_message(self, *_): pass
def serve(port, pair):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Says)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"/root/{pair}.pem", f"/root/{pair}.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever).start()
silent = socket.create_server(("127.0.0.1", 8445))
serve(8443, "good")
serve(8444, "other")
open("/root/serves", "w").close()
"""


def pair_of(*names: str) -> Pair:
    return self_signed(names, datetime.now(UTC))


@pytest.fixture(scope="module")
def pair() -> Pair:
    return pair_of(NAME, "203.0.113.9")


@pytest.fixture(scope="module")
def mx(lab: Client, pair: Pair) -> Iterator[LabHost]:
    """With a web server on its loopback."""
    with host(lab, "tunnel") as made:
        with SshSession(login(made)) as ssh:
            for name, each in (("good", pair), ("other", pair_of(NAME))):
                ssh.put(f"/root/{name}.pem", each.certificate.encode())
                ssh.put(f"/root/{name}.key", each.key.reveal().encode())
            ssh.put("/root/server.py", SERVER.encode())
            ssh.check("setsid -f python3 /root/server.py >/root/trouble 2>&1 </dev/null")
            ssh.check("until test -e /root/serves; do sleep 0.1; done", timeout_s=120.0)
        yield made


@pytest.fixture
def ssh(mx: LabHost) -> Iterator[SshSession]:
    with SshSession(login(mx)) as session:
        session.check("rm -f /root/asked")
        yield session


@pytest.fixture
def wires() -> Iterator[list[HttpWire]]:
    made: list[HttpWire] = []
    yield made
    for wire in made:
        wire.close()


def opened(wires: list[HttpWire], ssh: SshSession, port: int, pinned: str) -> HttpWire:
    wires.append(HttpWire(f"https://{NAME}", service="Mailu", dial=Tunnel(ssh, port, pinned)))
    return wires[-1]


def ask(
    wire: HttpWire, path: str = "/", method: str = "GET", raw: bytes | None = None, **headers: str
) -> dict[str, Any]:
    answer = wire.send(method, path, headers=headers, params=None, raw=raw)
    found: dict[str, Any] = json.loads(answer.content)
    return found


def asked(ssh: SshSession) -> list[str]:
    return ssh.run("cat /root/asked").stdout.split("\n")[:-1]


def failure(wire: HttpWire, path: str = "/") -> MailyardError:
    with pytest.raises(MailyardError) as failed:
        ask(wire, path)
    return failed.value


def test_the_pinned_pair_is_spoken_to_by_the_servers_name(ssh: SshSession, pair: Pair, wires: list[HttpWire]) -> None:
    wire = opened(wires, ssh, GOOD, pair.fingerprint)

    first, second = ask(wire), ask(wire)

    assert first["port"] == second["port"]  # one connection
    assert asked(ssh) == [f"{GOOD} / {NAME}"] * 2


@pytest.mark.parametrize("size", [0, 1, 16_385, 5_000_000])
def test_bodies_of_any_size_go_both_ways(ssh: SshSession, pair: Pair, wires: list[HttpWire], size: int) -> None:
    wire = opened(wires, ssh, GOOD, pair.fingerprint)

    answer = ask(wire, raw=b"x" * size, more=str(size))

    assert (answer["got"], answer["more"]) == (size, "x" * size)


def test_another_pair_is_told_and_nothing_is_sent_to_it(ssh: SshSession, pair: Pair, wires: list[HttpWire]) -> None:
    error = failure(opened(wires, ssh, OTHER, pair.fingerprint))

    assert isinstance(error, CertificateChanged)
    assert "unknown certificate" in error.title
    assert "Do not continue" in error.remedy
    assert not error.retryable
    assert asked(ssh) == []
    assert ask(opened(wires, ssh, GOOD, pair.fingerprint))


def test_where_nothing_listens_the_port_is_named(ssh: SshSession, pair: Pair, wires: list[HttpWire]) -> None:
    error = failure(opened(wires, ssh, NOBODY, pair.fingerprint))

    assert isinstance(error, HostUnreachable)
    assert f"answers on port {NOBODY}" in error.title
    assert error.retryable
    assert ssh.check("echo alive") == "alive\n"


def test_what_speaks_no_tls_is_told_from_another_pair(ssh: SshSession, pair: Pair, wires: list[HttpWire]) -> None:
    assert isinstance(failure(opened(wires, ssh, 22, pair.fingerprint)), NoNetwork)


def test_an_answer_that_breaks_off_may_have_been_carried_out(
    ssh: SshSession, pair: Pair, wires: list[HttpWire]
) -> None:
    wire = opened(wires, ssh, GOOD, pair.fingerprint)

    assert isinstance(failure(wire, "/cut"), OutcomeUnknown)
    assert ask(wire)


def test_a_connection_that_the_server_closed_is_made_anew(ssh: SshSession, pair: Pair, wires: list[HttpWire]) -> None:
    wire = opened(wires, ssh, GOOD, pair.fingerprint)

    before = ask(wire, "/last")
    transport: Any = wire._client._transport
    until(lambda: all(each.has_expired() for each in transport._pool.connections), "the word that it is closed")
    after = ask(wire)

    assert before["port"] != after["port"]


def test_a_server_that_never_answers_is_given_up(
    ssh: SshSession, pair: Pair, wires: list[HttpWire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "CONNECT_S", 0.5)

    assert isinstance(failure(opened(wires, ssh, SILENT, pair.fingerprint)), NoNetwork)
    assert ssh.check("echo alive") == "alive\n"


def test_a_stop_ends_the_wait_for_a_service_that_is_silent(
    mx: LabHost, pair: Pair, wires: list[HttpWire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "CONNECT_S", 3_600.0)
    stopped = threading.Event()
    with SshSession(login(mx), stop=stopped.is_set) as session:
        dial = session.dial

        def dialled(host: str, port: int) -> paramiko.Channel:
            channel = dial(host, port)
            stopped.set()
            return channel

        monkeypatch.setattr(session, "dial", dialled)

        assert isinstance(failure(opened(wires, session, SILENT, pair.fingerprint)), Cancelled)


def test_a_session_that_ended_is_told(ssh: SshSession, pair: Pair, wires: list[HttpWire]) -> None:
    wire = opened(wires, ssh, GOOD, pair.fingerprint)
    ask(wire)
    ssh.close()

    assert isinstance(failure(wire), HostUnreachable | OutcomeUnknown)


def test_a_server_that_lets_nothing_through_is_told(
    mx: LabHost, ssh: SshSession, pair: Pair, wires: list[HttpWire]
) -> None:
    block = shlex.quote("Match User closed\\n AllowTcpForwarding no\\n")
    ssh.check("useradd --create-home --shell /bin/sh closed && cp -r /root/.ssh /home/closed/")
    ssh.check(f"chown -R closed: /home/closed/.ssh && printf {block} >> /etc/ssh/sshd_config && sshd -t")
    ssh.check("systemctl restart ssh")  # a reload does not wait until it listens again

    with SshSession(login(mx, user="closed")) as other:
        error = failure(opened(wires, other, GOOD, pair.fingerprint))

    assert isinstance(error, HostUnreachable)
    assert "prohibited" in error.detail
