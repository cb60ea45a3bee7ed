"""Data folders to look at in the window, each written once a process and language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app.shell.session.settings import SettingsFile
from backend.bootstrap import Installation
from backend.choices import Choices
from backend.core.checks import Verdict
from backend.core.paths import DataFolder
from backend.core.present.message import Message
from backend.core.present.text import activate
from backend.core.secrets.values import Secret
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.verdicts import record_verdict
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.installation import choices, held_installation
from tests.prepared import Prepared
from tests.sample_data.attached_resources import add_attached_resources, add_charges
from tests.sample_data.found_mail import FOUND, add_look, mail_found
from tests.sample_data.jobs import add_jobs
from tests.sample_data.mail import add_by_hand, add_mail, add_templates
from tests.sample_data.orphans import add_orphans
from tests.sample_data.second_account import add_second_account
from tests.sample_data.servers import add_day_and_live, add_fleet, add_quarter, server_id
from tests.sample_data.snapshots import add_snapshot

SERVERS = 24
FRESH_S = 600.0
LAST_VISIT = "2026-01-01T08:00:00+00:00"
CARE = timedelta(hours=3)
#: One without anything attached, one that is still being made, one that Mailyard manages without having made it, one
#: in maintenance, one that was just checked.
BARE, MADE, ADOPTED, IN_CARE, WELL = 2, 4, 10, 11, 8


@dataclass(frozen=True)
class Data:
    """What ``fill`` writes into an empty installation; ``is_locked``: nobody types its passphrase."""

    fill: Callable[[Installation], None]
    is_locked: bool = False


@contextmanager
def opened(data: Data, folder: Path, **kept: Any) -> Iterator[Choices]:
    """The data in a folder, with settings that are ``kept``; nothing changes in it but by who looks.

    What an engine wrote for a person is in the language of these settings. The choices are those of the console to
    open on it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    SettingsFile(DataFolder(folder).settings).change(**{"seen_at": LAST_VISIT, **kept})
    _prepared(data, kept.get("language", "en")).write(folder)
    with held_installation(folder):
        yield choices(ask_passphrase=lambda: None) if data.is_locked else choices()


@cache
def _prepared(data: Data, language: str) -> Prepared:
    def make(folder: Path) -> None:
        activate(language)
        with held_installation(folder) as installation:
            data.fill(installation)
        activate("en")

    return Prepared(make, fresh_s=FRESH_S)


def _add_all(installation: Installation) -> None:
    """Something of everything the window can show."""
    _add_secret(installation)
    add_fleet(installation, SERVERS)
    add_jobs(installation)
    add_day_and_live(installation, 1)
    add_quarter(installation, 1)
    add_orphans(installation)
    add_second_account(installation)
    add_snapshot(installation, 1)
    add_attached_resources(installation, 1)
    add_charges(installation)
    add_templates(installation)
    now, well = installation.clock.now(), server_subject(server_id(WELL))
    with installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, server_id(ADOPTED))).host_key = None
        session.get_one(Server, (AGENCY, server_id(IN_CARE))).maintenance_until = now + CARE
        record_verdict(session, well, SERVER_SAMPLE, Verdict("ok", Message()), now)


def _add_mailed(installation: Installation) -> None:
    """A fleet two of whose servers carry mail, and one where a Mailu of somebody else was found."""
    add_fleet(installation, SERVERS, samples=3)
    add_mail(installation)
    add_templates(installation)
    add_by_hand(installation)
    add_look(installation, FOUND, mail_found(FOUND))


def _add_secret(installation: Installation) -> None:
    installation.client.keep_secret_now("api_keys", AGENCY, Secret("a token that is kept"))


def _add_nothing(_installation: Installation) -> None:
    """The first start."""


MAILED = Data(_add_mailed)
WHOLE, NOTHING, LOCKED = Data(_add_all), Data(_add_nothing), Data(_add_secret, is_locked=True)
