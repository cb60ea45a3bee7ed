"""What a look at a server's Mailu found, as its job leaves it in the store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from backend.bootstrap import Installation
from backend.core.secrets.redactor import MASK
from backend.engine.payload import to_plain
from backend.mail.adopt.finding import FoundContainer, MailFound
from backend.mailu.found import Difference
from backend.mailu.settings import MailSettings
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.sample_data.servers import server_id, server_name

#: A server on which one is found; it carries none that is known.
FOUND = 8
ADOPT, LOOK = "mail.adopt", "mail.look"


def mail_found(number: int, **changes: Any) -> MailFound:
    """A Mailu in a folder of its own, whose API is open."""
    name = server_name(number)
    services = ("admin", "antispam", "front", "imap", "smtp")
    known: dict[str, Any] = {
        "project": "mailu",
        "files": ("/srv/mailu/docker-compose.yml",),
        "env_file": "/srv/mailu/mailu.env",
        "root": "/srv/mailu",
        "mailu_version": "2024.06.41",
        "settings": MailSettings(name, "cedar-legal.example", "dkim", mailu_version="2024.06.41"),
        "certificate_kind": "authority",
        "containers": tuple(FoundContainer(each, f"ghcr.io/mailu/{each}:2024.06", "running") for each in services),
        "overrides": ("postfix/postfix.cf",),
        "pending": (),
        "differences": (
            Difference("mailu.env", "SESSION_TIMEOUT", "7200", None),
            Difference("mailu.env", "TZ", "Europe/Berlin", "Etc/UTC"),
        ),
        "api": "open",
        "api_note": "",
        "stamp": "as-it-was-shown",
        "domains": 3,
        "mailboxes": 41,
    }
    return MailFound(**{**known, **changes})


def mail_without_api(number: int) -> MailFound:
    """The same with its API switched off."""
    off = (Difference("mailu.env", "API", "false", "true"), Difference("mailu.env", "API_TOKEN", None, MASK))
    note = "Domains and mailboxes cannot be managed while it is off."
    return mail_found(number, api="off", api_note=note, differences=off, domains=None, mailboxes=None)


def add_look(
    installation: Installation,
    number: int,
    found: MailFound | None,
    *,
    kind: str = LOOK,
    state: str = "succeeded",
    ago: timedelta = timedelta(minutes=2),
    **more: Any,
) -> None:
    """Its job, with one step that found this."""
    at, job_id = installation.clock.now() - ago, uuid4()
    ended = at if state in ("succeeded", "failed") else None
    with installation.store.write(ENGINE_SCOPE) as session:
        job = Job(tenant_id=AGENCY, id=job_id, kind=kind, version=1, request={}, about=server_name(number), **more)
        job.about_id, job.author, job.lane, job.state = server_id(number), "operator", f"mail:{number}", state
        job.requested_at, job.started_at, job.ended_at = at, at, ended
        session.add(job)
        session.flush()
        step = JobStep(tenant_id=AGENCY, job_id=job_id, number=0, key="look", state="done" if found else "failed")
        step.result, step.ended_at = to_plain(found) if found is not None else {}, ended
        session.add(step)
