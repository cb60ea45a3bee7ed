"""What a fresh process does with the desktop's own keyring: ``python -m tests.backend.core.desktop_keyring DEED FILE``.

Answers with one line of JSON. The test runs it on a message bus with a real Secret Service.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.core.errors import MailyardError
from backend.core.secrets.keys import ChosenHolder, keyring_is_usable
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef

REF = SecretRef("api_keys/a/1")
PASSPHRASE = Secret("a passphrase of this store")
VALUE = "a-value-for-the-real-keyring"


def keep(store: SealedFile) -> Any:
    store.keep(REF, Secret(VALUE))
    return store.key_place


def read(store: SealedFile) -> Any:
    return store.read(REF).reveal()


def ask(store: SealedFile) -> Any:
    """What pages ask of a store before anything is kept."""
    return [keyring_is_usable(), store.key_place, store.is_locked, store.exists]


def to_passphrase(store: SealedFile) -> Any:
    store.move_to_passphrase(PASSPHRASE)
    return store.key_place


def to_keyring(store: SealedFile) -> Any:
    store.move_to_keyring(PASSPHRASE)
    return store.key_place


DEEDS: dict[str, Callable[[SealedFile], Any]] = {
    "keep": keep,
    "read": read,
    "ask": ask,
    "to_passphrase": to_passphrase,
    "to_keyring": to_keyring,
}


def main() -> None:
    deeds, path = sys.argv[1].split(","), Path(sys.argv[2])
    for deed in deeds:
        try:
            answer = DEEDS[deed](SealedFile(path, ChosenHolder(lambda: None), can_use_keyring=keyring_is_usable))
        except MailyardError as error:
            answer = {"error": type(error).__name__, "title": error.title, "remedy": error.remedy}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
