"""Switching the API of an adopted Mailu on: two lines of its env file, and the containers that read them.

``API`` and ``API_TOKEN`` of docs/configuration.rst, release 2024.06; front serves its path only while it is on.
"""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Mapping
from typing import TYPE_CHECKING

from backend.core.errors import SecretMissing
from backend.core.secrets.values import Secret, SecretRef
from backend.mail.host.docker import ComposeProject
from backend.mail.host.running import wait_until_well
from backend.mailu.environment import env_line
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from uuid import UUID

    from backend.core.secrets.values import SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.mail.adopt.finding import MailFound

API, TOKEN = "API", "API_TOKEN"
#: The containers that are made anew: they read both. The others get the lines with their next start.
READ_IT = ("admin", "front")
TOKEN_BYTES = 30

#: A line of the file by its key; None: there is none.
Lines = Mapping[str, str | None]


def before_ref(job_id: UUID) -> SecretRef:
    """Where the two lines of before lie while a job may have to put them back: one of them is a secret."""
    return SecretRef(f"api_keys/{AGENCY}/{job_id}/lines_before")


def open_api(ctx: StepContext[object], ssh: SshSession, secrets: SecretStore, found: MailFound, token: str) -> None:
    """``token`` is the one its files have, empty: one is made. May be repeated.

    :raises SshError: the containers do not become healthy.
    """
    text, ref = ssh.get(found.env_file).decode(), before_ref(ctx.job.id)
    if _kept(secrets, ref) is None:
        secrets.keep(ref, Secret(json.dumps({key: line_of(text, key) for key in (API, TOKEN)})))
    wanted: dict[str, str | None] = {API: env_line(API, "true")}
    if not token:
        wanted[TOKEN] = env_line(TOKEN, random.token_urlsafe(TOKEN_BYTES))
    _change(ctx, ssh, found, wanted)


def close_again(ctx: StepContext[object], ssh: SshSession, secrets: SecretStore, found: MailFound) -> None:
    """The lines as they were, where anything was changed."""
    before = _kept(secrets, before_ref(ctx.job.id))
    if before is not None:
        lines: Lines = json.loads(before.reveal())
        _change(ctx, ssh, found, lines)
        secrets.forget(before_ref(ctx.job.id))


def line_of(text: str, key: str) -> str | None:
    """The line that counts: the last one of that key."""
    found = [line for line in text.splitlines() if _key_of(line) == key]
    return found[-1] if found else None


def with_lines(text: str, wanted: Lines) -> str:
    """The same file with these lines, each where it stood; all others stay as they are."""
    left, lines = dict(wanted), list[str]()
    for line in text.splitlines():
        key = _key_of(line)
        if key not in wanted:
            lines.append(line)
            continue
        told = left.pop(key, None)
        if told is not None:
            lines.append(told)
    return "\n".join((*lines, *(each for each in left.values() if each is not None), ""))


def _change(ctx: StepContext[object], ssh: SshSession, found: MailFound, wanted: Lines) -> None:
    text = ssh.get(found.env_file).decode()
    changed = with_lines(text, wanted)
    if changed != text:
        ssh.rewrite(found.env_file, changed.encode())
    project = ComposeProject(ssh, found.project, found.files)
    project.up(*READ_IT)
    wait_until_well(ctx, ssh, project, only=READ_IT)


def _key_of(line: str) -> str:
    return line.partition("=")[0].strip()


def _kept(secrets: SecretStore, ref: SecretRef) -> Secret | None:
    try:
        return secrets.read(ref)
    except SecretMissing:
        return None
