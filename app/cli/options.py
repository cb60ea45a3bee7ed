"""What every command shares: folder, database, how long to wait, and where the passphrase comes from."""

from __future__ import annotations

import os
import select
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import typer

from app.cli.output import Exit, give_up, tell
from backend.core.paths import DataFolder, default_data_folder
from backend.core.secrets.redactor import redactor
from backend.core.secrets.values import Secret

if TYPE_CHECKING:
    from backend.core.secrets.keys import StoreKey

LINE_S = 60.0
MOST_BYTES = 16_384
NEW_STORE = (
    "No keyring is available: the secret store is protected by a passphrase. Without it, it can never be read again."
)


@dataclass(frozen=True)
class Options:
    """The options before the command. ``wait_s`` bounds how long a command follows its job."""

    data_dir: Path | None = None
    database_url: str | None = None
    wait_s: float = 3600.0
    passphrase: PassphraseSource = field(default_factory=lambda: PassphraseSource(None))

    @property
    def folder(self) -> DataFolder:
        """:raises NoHomeFolder: none was named, and there is no home for the default one."""
        return DataFolder(self.data_dir or default_data_folder())


class PassphraseSource:
    """Gives the passphrase of the secret store: from a descriptor, else from a person at a terminal, else None.

    It is kept until the store was opened by it. ``handed``: the key that a window made of it.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._found: Secret | None = None
        self._is_used = False
        self.handed: StoreKey | None = None

    @property
    def is_given(self) -> bool:
        """Whether it was handed over with the command."""
        return self._descriptor is not None

    def give(self, key: StoreKey) -> None:
        """A window handed it over."""
        self.handed = key

    def drop(self) -> None:
        """It is needed no more: its key is known, and nobody is asked again."""
        self._found, self._is_used = None, True

    def ask_again(self) -> None:
        """The store is another one now: whoever was not asked before may be."""
        self._is_used = False

    def get(self, *, is_new: bool) -> Secret | None:
        """Asked for once. ``is_new``: the store is made now, so a person says it twice."""
        if self._is_used:
            return None
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


def read_secret(prompt: str, *, from_stdin: bool, option: str = "--token-stdin") -> str:
    """A secret from standard input or asked for without echo; never from the arguments, which others can see.

    ``option`` is what says that it comes from standard input.
    """
    if from_stdin:
        return _line(0)
    if not somebody_is_there():
        give_up(Exit.USAGE, f"There is no terminal to ask for the {prompt} on: pass it with {option}.")
    return str(typer.prompt(prompt, hide_input=True, err=True))


def new_passphrase(descriptor: int | None) -> Secret:
    """The one that is to come: from a descriptor, else from a person, who says it twice."""
    if descriptor is not None:
        return _from_descriptor(descriptor)
    if not somebody_is_there():
        give_up(Exit.USAGE, "There is no terminal to ask for the new passphrase on: pass it with --new-passphrase-fd.")
    return Secret(str(typer.prompt("New passphrase", hide_input=True, err=True, confirmation_prompt=True)))


def checked_data_dir(text: str) -> Path:
    """:raises typer.BadParameter: it is empty, as of a variable nobody set; that would be the current folder."""
    if not text.strip():
        raise typer.BadParameter("is empty: name a folder, or leave it out.")
    return Path(text)


def checked_database_url(url: str | None) -> str | None:
    """The address of a PostgreSQL database; its password is watched for from now on."""
    if url is None:
        return None
    if not url.strip():
        give_up(Exit.USAGE, "--database-url is empty: give an address, or leave it out.")
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        give_up(Exit.USAGE, "--database-url is an address like postgresql://user@host/database.")
    for password in {parts.password or "", unquote(parts.password or "")}:
        redactor.watch(password)
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
    """The next line of a descriptor, within a minute where no person types it; what follows it stays to be read."""
    raw, end = b"", time.monotonic() + LINE_S
    try:
        os.fstat(descriptor)  # select passes over one that is not open and beyond the process's table
        is_typed = os.isatty(descriptor)
        while b"\n" not in raw and len(raw) < MOST_BYTES:
            if not is_typed and not select.select([descriptor], [], [], max(0.0, end - time.monotonic()))[0]:
                give_up(Exit.USAGE, f"Nothing came from descriptor {descriptor} within {LINE_S:.0f} s.")
            more = os.read(descriptor, 1)
            if not more:
                break
            raw += more
        return raw.split(b"\n")[0].rstrip(b"\r").decode()
    except (OSError, ValueError, OverflowError) as error:
        give_up(Exit.USAGE, f"Descriptor {descriptor} cannot be read: {type(error).__name__}.")
