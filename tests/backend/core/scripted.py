"""A TCP server that does to each connection what the test wrote down, on a real socket."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Script = Callable[[socket.socket], None]

ACCEPT_S = 60.0


class Scripted:
    """Owned by a fixture; one thread, one connection after another."""

    def __init__(self, script: Script, certificate: Path | None = None) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._context = _context(certificate) if certificate else None
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, name="scripted server", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(ACCEPT_S)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(ACCEPT_S)
                try:
                    self._answer(connection)
                except OSError:
                    continue  # the client went away, as it may

    def _answer(self, connection: socket.socket) -> None:
        if self._context is None:
            self._converse(connection)
            return
        with self._context.wrap_socket(connection, server_side=True) as wrapped:
            self._converse(wrapped)

    def _converse(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(65536)
            if not piece:
                return
            request += piece
        self.requests.append(request)
        self._read_body(connection, request)
        self._script(connection)

    def _read_body(self, connection: socket.socket, request: bytes) -> None:
        """What is left unread when the connection closes would be answered with a reset."""
        head, _blank, body = request.partition(b"\r\n\r\n")
        claimed = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        left = int(claimed.group(1)) - len(body) if claimed else 0
        while left > 0:
            piece = connection.recv(65536)
            if not piece:
                return
            left -= len(piece)


def answer(body: bytes, *, status: str = "200 OK", headers: str = "", length: int | None = None) -> bytes:
    """A whole answer; ``length`` is what it claims to be."""
    claimed = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {claimed}\r\n{headers}\r\n".encode() + body


def reset(connection: socket.socket) -> None:
    """Close with a RST in place of a FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def self_signed(folder: Path, *, days_from_now: int = -1) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key, in one file, good for two days from then."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days_from_now))
        .not_valid_after(now + timedelta(days=days_from_now + 2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form) + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
