"""The files of an emulated host's Mailu: what compose tells of them, and those of one that somebody else set up."""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backend.core.secrets.values import Secret
from backend.demo.fleet.mail import OVERRIDE, UNKNOWN
from backend.demo.fleet.mail_description import description
from backend.mailu.certificate import self_signed
from backend.mailu.compose import compose_text
from backend.mailu.environment import MailSecrets, env_text, environment
from backend.mailu.services import PROJECT, ROOT
from backend.mailu.settings import MailSettings

if TYPE_CHECKING:
    from backend.demo.fleet.hosted_mail import HostedMail

Record = dict[str, Any]
#: Where somebody else put it, and which release: the newest of that day.
ELSEWHERE, OLDER = "/srv/mailu", "2024.06.41"
#: What they chose for themselves; None: Mailyard's own line was never there.
CHOSEN: Mapping[str, str | None] = {
    "MESSAGE_RATELIMIT": "500/day",
    "SESSION_TIMEOUT": "7200",
    "SITENAME": "Cedar Events",
    "TZ": "Europe/Berlin",
    "DMARC_RUF": None,
    "AUTH_RATELIMIT_EXEMPTION": None,
}


def project_of(mail: HostedMail, files: Mapping[str, str]) -> Record:
    """One project as the script of :mod:`backend.mail.adopt.look` tells it."""
    below, is_up = f"{mail.root}/overrides/", bool(mail.record["is_up"])
    return {
        "project": PROJECT,
        "files": [mail.compose_file],
        "root": mail.root,
        "version": mail.services["admin"].rpartition(":")[2],
        "folder": mail.folder,
        "config": json.dumps(description(mail, files)),
        "texts": {mail.compose_file: files[mail.compose_file]},
        "env": dict(mail.environment) if is_up else None,
        "overrides": sorted([path[len(below) :], len(text)] for path, text in files.items() if path.startswith(below)),
        "containers": sorted([name, image, "running" if is_up else "exited"] for name, image in mail.services.items()),
    }


def unknown_mail(server: str, at: datetime) -> Record:
    """What the host of :data:`backend.demo.fleet.mail.UNKNOWN` is told: a Mailu that stands there."""
    settings = MailSettings(server, next(iter(UNKNOWN[server])), "dkim", mailu_version=OLDER, has_antivirus=True)
    made = [Secret(random.token_urlsafe(length)[:length]) for length in (16, 40)]
    pairs = dict(environment(settings, MailSecrets(made[0], made[1], Secret(""))))
    lines = {key: value for key, value in {**pairs, **CHOSEN}.items() if value is not None}
    pair = self_signed((server,), at)
    compose = compose_text(settings).partition("\n")[2]
    files = {
        f"{ELSEWHERE}/mailu.env": env_text(lines.items()).partition("\n")[2],
        f"{ELSEWHERE}/docker-compose.yml": compose.replace(f"- {ROOT}/", f"- {ELSEWHERE}/"),
        f"{ELSEWHERE}/overrides/postfix/postfix.cf": OVERRIDE,
        f"{ELSEWHERE}/certs/cert.pem": pair.certificate,
        f"{ELSEWHERE}/certs/key.pem": pair.key.reveal(),
    }
    return {"files": files, "mail": {"stands": True, "folder": ELSEWHERE, "root": ELSEWHERE}}
