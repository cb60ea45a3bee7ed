"""What one server has: the same for its API and its command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.demo.emulator.records import Records
from backend.demo.mailu.aliases import Aliases
from backend.demo.mailu.app_tokens import AppTokens
from backend.demo.mailu.domains import Domains
from backend.demo.mailu.mailboxes import Mailboxes
from backend.demo.mailu.managers import Managers
from backend.demo.mailu.ports import DkimKeys, Hashing
from backend.demo.mailu.relays import Relays
from backend.demo.mailu.settings import Environment


@dataclass(frozen=True)
class Model:
    """The owners of all records, and where these lie."""

    records: Records
    hashing: Hashing
    domains: Domains
    managers: Managers
    mailboxes: Mailboxes
    aliases: Aliases
    relays: Relays
    tokens: AppTokens


def model_of(records: Records, hashing: Hashing, keys: DkimKeys, environment: Callable[[], Environment]) -> Model:
    domains = Domains(records, keys, environment)
    mailboxes = Mailboxes(records, domains, hashing, environment)
    return Model(
        records=records,
        hashing=hashing,
        domains=domains,
        managers=Managers(records, domains),
        mailboxes=mailboxes,
        aliases=Aliases(records, domains),
        relays=Relays(records, domains),
        tokens=AppTokens(records, mailboxes, hashing),
    )
