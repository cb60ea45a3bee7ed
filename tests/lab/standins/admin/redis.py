"""The few words of Redis's protocol (RESP2) that admin speaks."""

from __future__ import annotations

import socket
from io import BufferedReader

from tests.lab.standins.settings import REDIS

PORT = 6379
ANSWER_S = 5.0

Answer = str | int | None | list["Answer"]


def redis(database: int, *commands: tuple[str | int, ...]) -> list[Answer]:
    """Answers to the commands, one after the other, over a connection of their own.

    :raises OSError: it does not answer, or says that a command is wrong.
    """
    with socket.create_connection((REDIS, PORT), timeout=ANSWER_S) as line, line.makefile("rb") as file:
        for command in (("SELECT", database), *commands):
            words = [str(word).encode() for word in command]
            line.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
        return [_read(file) for _command in (None, *commands)][1:]


def _read(file: BufferedReader) -> Answer:
    line = file.readline().decode().rstrip("\r\n")
    kind, rest = line[:1], line[1:]
    if kind == "+":
        return rest
    if kind == ":":
        return int(rest)
    if kind == "$":
        return None if rest == "-1" else file.read(int(rest) + 2)[:-2].decode()
    if kind == "*":
        return [_read(file) for _part in range(int(rest))]
    raise OSError(f"redis says {line or 'nothing'}")
