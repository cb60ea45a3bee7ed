"""What every command shares: folder, database, how long to wait, and where the passphrase comes from."""

from __future__ import annotations

import os
import select
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import typer

from app.cli.output import Exit, give_up, tell
from backend.core.paths import DataFolder, default_data_folder
from backend.core.secrets.tripwire import tripwire
from backend.core.secrets.values import Secret

LINE_S = 60.0
MOST_BYTES = 16_384
NEW_STORE = "No keyring answers here: the secret store lies behind a passphrase. Without it nobody can read it again."


@dataclass(frozen=True)
class Options:
    """The options before the command. ``wait_s`` bounds how long a command follows its job."""

    data_dir: Path | None = None
    database_url: str | None = None
    wait_s: float = 3600.0
    passphrase: PassphraseSource = field(default_factory=lambda: PassphraseSource(None))

    @property
    def folder(self) -> DataFolder:
        return DataFolder(self.data_dir or default_data_folder())


class PassphraseSource:
    """Gives the passphrase of the secret store: from a descriptor, else from a person at a terminal, else None."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._found: Secret | None = None

    @property
    def is_given(self) -> bool:
        """Whether it was handed over with the command."""
        return self._descriptor is not None

    def get(self, *, is_new: bool) -> Secret | None:
        """Asked for once. ``is_new``: the store is made now, so a person says it twice."""
        if self._found is None and self._descriptor is not None:
            self._found = _from_descriptor(self._descriptor)
            if is_new:
                tell(NEW_STORE)
        if self._found is None and somebody_is_there():
            self._found = _from_person(is_new=is_new)
        return self._found


def somebody_is_there() -> bool:
    """Whether a person can be asked without echo; standard input may be taken by a token."""
    return sys.stdin.isatty() or sys.stderr.isatty()


def read_secret(prompt: str, *, from_stdin: bool) -> str:
    """A secret from standard input or asked for without echo; never from the arguments, which others can see."""
    if from_stdin:
        return _line(0)
    if not somebody_is_there():
        give_up(Exit.USAGE, f"Nobody can be asked for the {prompt}: hand it over with --token-stdin.")
    return str(typer.prompt(prompt, hide_input=True, err=True))


def checked_database_url(url: str | None) -> str | None:
    """The address of a PostgreSQL database; its password is watched for from now on."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        give_up(Exit.USAGE, "--database-url is an address like postgresql://user@host/database.")
    for password in {parts.password or "", unquote(parts.password or "")}:
        tripwire.watch(password)
    return url.replace("postgres://", "postgresql://", 1)


def _from_descriptor(descriptor: int) -> Secret:
    line = _line(descriptor)
    if not line:
        give_up(Exit.USAGE, f"Descriptor {descriptor} holds no passphrase.")
    return Secret(line)


def _from_person(*, is_new: bool) -> Secret:
    if is_new:
        tell(NEW_STORE)
    asked = typer.prompt("Passphrase of the secret store", hide_input=True, err=True, confirmation_prompt=is_new)
    return Secret(str(asked))


def _line(descriptor: int) -> str:
    """The first line of a descriptor, within a minute where no person types it."""
    raw, end = b"", time.monotonic() + LINE_S
    try:
        os.fstat(descriptor)  # select passes over one that is not open and beyond the process's table
        is_typed = os.isatty(descriptor)
        while b"\n" not in raw and len(raw) < MOST_BYTES:
            if not is_typed and not select.select([descriptor], [], [], max(0.0, end - time.monotonic()))[0]:
                give_up(Exit.USAGE, f"Nothing came from descriptor {descriptor} within {LINE_S:.0f} s.")
            more = os.read(descriptor, 4096)
            if not more:
                break
            raw += more
        return raw.split(b"\n")[0].rstrip(b"\r").decode()
    except (OSError, ValueError) as error:
        give_up(Exit.USAGE, f"Descriptor {descriptor} cannot be read: {type(error).__name__}.")
