"""Postfix's and Dovecot's questions about addresses, put to admin over HTTP; in a process beside them.

Postfix asks by netstrings (socketmap_table(5)), Dovecot by lines with a letter in front (its dict protocol).
"""

from __future__ import annotations

import json
import os
import socketserver
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

from tests.lab.standins.settings import ADMIN

SOCKET = "/tmp/podop.socket"
ADMIN_S = 30.0
#: Paths of admin by the names of Postfix's maps.
MAPS = {
    "transport": "transport",
    "alias": "alias",
    "dane": "dane",
    "domain": "domain",
    "mailbox": "mailbox",
    "recipientmap": "recipient/map",
    "sendermap": "sender/map",
    "senderlogin": "sender/login",
    "senderrate": "sender/rate",
}
#: How Dovecot writes what would end a field or a line (its strescape.c).
ESCAPES = (("\x01", "\x011"), ("\x00", "\x010"), ("\t", "\x01t"), ("\n", "\x01n"), ("\r", "\x01r"))


def look_up(path: str) -> object:
    """:raises KeyError: admin knows no such thing. :raises OSError: it does not answer as it should."""
    try:
        with urllib.request.urlopen(_url(path), timeout=ADMIN_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise KeyError(path) from error
        raise


class PostfixTables(socketserver.StreamRequestHandler):
    """One connection of Postfix's."""

    def handle(self) -> None:
        for question in self._netstrings():
            table, _space, key = question.partition(" ")
            try:
                said = f"OK {look_up(f'postfix/{MAPS[table]}/{urllib.parse.quote(key)}')}"
            except KeyError:
                said = "NOTFOUND "
            except (OSError, ValueError) as error:
                said = f"TEMP {error}"
            raw = said.encode()
            self.wfile.write(b"%d:%s," % (len(raw), raw))

    def _netstrings(self) -> Iterator[str]:
        while True:
            length = b""
            while (digit := self.rfile.read(1)) not in (b":", b""):
                length += digit
            if not length:
                return
            yield self.rfile.read(int(length)).decode()
            self.rfile.read(1)


class DovecotTables(socketserver.StreamRequestHandler):
    """One connection of Dovecot's. What is set is sent to admin when the transaction is done."""

    def setup(self) -> None:
        super().setup()
        self._pending: dict[str, list[tuple[str, str]]] = {}
        self._users: dict[str, str] = {}

    def handle(self) -> None:
        for line in self.rfile:
            words = line.decode().rstrip("\n").split("\t")
            letter, words[0] = words[0][:1], words[0][1:]
            said = self._obey(letter, words)
            if said:
                self.wfile.write(said.encode() + b"\n")

    def _obey(self, letter: str, words: list[str]) -> str:
        """To a greeting and to what is only prepared nothing is said."""
        if letter == "L":
            return self._look_up(*words)
        if letter in ("C", "D"):
            return self._commit(words[0])
        if letter == "B":
            self._begin(*words)
        elif letter == "S":
            self._set(*words)
        return ""

    def _look_up(self, key: str, user: str = "") -> str:
        try:
            found = look_up(f"dovecot/{urllib.parse.quote(_path(plain(key), user))}")
        except KeyError:
            return "N"
        except (OSError, ValueError) as error:
            return f"F{error}"
        return f"O{escaped(found if isinstance(found, str) else json.dumps(found))}"

    def _begin(self, transaction: str, user: str = "") -> None:
        self._pending[transaction] = []
        self._users[transaction] = user

    def _set(self, transaction: str, key: str, value: str) -> None:
        self._pending[transaction].append((plain(key), plain(value)))

    def _commit(self, transaction: str) -> str:
        user = self._users.pop(transaction)
        for key, value in self._pending.pop(transaction):
            url = _url(f"dovecot/{urllib.parse.quote(_path(key, user))}")
            request = urllib.request.Request(url, value.encode(), {"Content-Type": "application/json"})
            try:
                urllib.request.urlopen(request, timeout=ADMIN_S).close()
            except OSError as error:
                return f"F{transaction}\t{error}"
        return f"O{transaction}"


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


def _path(key: str, user: str) -> str:
    """``shared/passdb/a@b`` is ``passdb/a@b``; what is somebody's own has the owner at its end."""
    kind, _slash, rest = key.partition("/")
    return f"{rest}/{user}" if kind == "priv" else rest


def plain(text: str) -> str:
    """Undo the escapes in one go: what one leaves must not be read as another."""
    plain, marks = "", {escaped[1]: letter for letter, escaped in ESCAPES}
    letters = iter(text)
    for letter in letters:
        plain += marks.get(next(letters, ""), "") if letter == "\x01" else letter
    return plain


def escaped(text: str) -> str:
    for letter, escaped in ESCAPES:
        text = text.replace(letter, escaped)
    return text


def _url(path: str) -> str:
    return f"http://{ADMIN}:8080/internal/{path}"


if __name__ == "__main__":
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)
    handler = {"postfix": PostfixTables, "dovecot": DovecotTables}[sys.argv[1]]
    with Server(SOCKET, handler) as server:
        os.chmod(SOCKET, 0o666)
        server.serve_forever()
