"""One connection to the emulated IMAP (RFC 9051): a login, and an inbox with nothing in it."""

from __future__ import annotations

import shlex
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Dovecot ready.\r\n"


class ImapSession:
    """Owner of a connection, which is served on a thread of its own until its client ends it."""

    def __init__(self, connection: socket.socket, lets_in: Callable[[str, str], bool]) -> None:
        """``lets_in`` says whether a mailbox lets a password in."""
        self._connection = connection
        self._lets_in = lets_in

    def start(self) -> None:
        threading.Thread(target=self._serve, name="demo-imap", daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError, ValueError), self._connection, self._connection.makefile("rwb") as stream:
            stream.write(GREETING)
            stream.flush()
            for line in stream:
                tag, *words = shlex.split(line.decode())
                said, is_over = self._answer(tag, words)
                stream.write("".join(f"{each}\r\n" for each in said).encode())
                stream.flush()
                if is_over:
                    return

    def _answer(self, tag: str, words: list[str]) -> tuple[list[str], bool]:
        """The lines of an answer, and whether it is the last."""
        match [words[0].upper() if words else "", *words[1:]]:
            case ["LOGIN", address, password]:
                if self._lets_in(address, password):
                    return [f"{tag} OK [CAPABILITY IMAP4rev1] Logged in"], False
                return [f"{tag} NO [AUTHENTICATIONFAILED] Authentication failed."], False
            case ["SELECT" | "EXAMINE", _folder]:
                return ["* FLAGS (\\Seen)", "* 0 EXISTS", "* 0 RECENT", f"{tag} OK Completed"], False
            case ["CAPABILITY"]:
                return ["* CAPABILITY IMAP4rev1 AUTH=PLAIN", f"{tag} OK Completed"], False
            case ["LOGOUT"]:
                return ["* BYE Logging out", f"{tag} OK Completed"], True
        return [f"{tag} BAD Unknown command."], False
