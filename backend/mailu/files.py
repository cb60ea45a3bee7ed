"""Every file that Mailyard writes for a Mailu, from its settings: one pure function, the same answer each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.core.secrets.values import Secret
from backend.mailu.compose import ENV_FILE, compose_text
from backend.mailu.environment import env_text, environment
from backend.mailu.services import FOLDER, ROOT

if TYPE_CHECKING:
    from backend.mailu.environment import MailSecrets
    from backend.mailu.settings import MailSettings, SmartHost

COMPOSE_PATH = f"{FOLDER}/docker-compose.yml"
ENV_PATH = f"{FOLDER}/{ENV_FILE}"
#: Mailu hands each line to ``postconf -e`` through a shell: no ``$``, no backticks (core/postfix/start.py).
WRAPPED = "smtp_tls_wrappermode = yes\n"


def postfix_path(root: str) -> str:
    """Where Mailu looks for changes to Postfix, below the folder that holds what its containers keep."""
    return f"{root}/overrides/postfix/postfix.cf"


def with_wrapping(text: str, smart_host: SmartHost | None) -> str:
    """A postfix.cf that wraps what leaves in TLS from the first byte, where the smart host wants it (port 465); all
    other lines stay as they are.
    """
    kept = [line for line in text.splitlines(keepends=True) if line.split("=")[0].strip() != "smtp_tls_wrappermode"]
    is_wrapped = smart_host is not None and smart_host.tls == "tls"
    return "".join((*kept, *((WRAPPED,) if is_wrapped else ())))


@dataclass(frozen=True)
class RenderedFile:
    """A file as it is to lie on the server. ``content`` None: it must not be there."""

    path: str
    mode: int
    content: Secret | None


def render(settings: MailSettings, secrets: MailSecrets) -> tuple[RenderedFile, ...]:
    """All files, those first that the others are read with.

    :raises Refused: a value that no such file can hold.
    """
    wrapping = with_wrapping("", settings.smart_host)
    return (
        RenderedFile(postfix_path(ROOT), 0o644, Secret(wrapping) if wrapping else None),
        RenderedFile(ENV_PATH, 0o600, Secret(env_text(environment(settings, secrets)))),
        RenderedFile(COMPOSE_PATH, 0o644, Secret(compose_text(settings))),
    )
