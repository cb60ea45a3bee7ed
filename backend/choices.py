"""What differs between one installation and another, and who works in it."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass, field

from backend.core.clock import Clock, SystemClock
from backend.core.endpoint import DirectEndpoint, Endpoint
from backend.core.login_password import LoginPassword, PamLogin
from backend.core.secrets.keys import SHORTEST_PASSPHRASE, StoreKey
from backend.core.secrets.values import Secret
from backend.engine.intents import IntentJournal, Journal
from backend.feature import Features
from backend.features import FEATURES
from backend.mail.host.signing_key import DOCKER_KEY
from backend.monitoring.reach import REFERENCES
from backend.store.database import Store


@dataclass(frozen=True)
class Choices:
    """What differs between a live installation, a test and the demo. Defaults are the live ones.

    ``ask_passphrase`` answers what a person typed, ``handed_key`` what another process of theirs made of it;
    ``key_found`` hears the key that opened the secret store: what was typed need not be kept any longer. ``docker_key``
    is the fingerprint of the key that signs what servers install Docker from.
    """

    database_url: str | None = None
    endpoint: Endpoint = field(default_factory=DirectEndpoint)
    clock: Clock = field(default_factory=SystemClock)
    ask_passphrase: Callable[[], Secret | None] = lambda: None
    handed_key: Callable[[], StoreKey | None] = lambda: None
    key_found: Callable[[StoreKey], None] = lambda _key: None
    login_password: LoginPassword = field(default_factory=PamLogin)
    use_keyring: Callable[[], bool] | None = None
    make_journal: Callable[[Store, Clock], Journal] = IntentJournal
    references: tuple[tuple[str, int], ...] = REFERENCES
    takes_real_accounts: bool = True
    shortest_passphrase: int = SHORTEST_PASSPHRASE
    docker_key: str = DOCKER_KEY
    author: str = ""
    features: Features = FEATURES


def login_name() -> str:
    """Who the audit log says it was, where nobody says otherwise."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "operator"
