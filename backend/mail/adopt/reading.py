"""From what a Mailu told to what is shown of it: its settings, what differs from ours, whether its API lets us in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.core.errors import Cancelled, HostUnreachable, MailyardError
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.mail.adopt.finding import FoundContainer, MailFound
from backend.mail.adopt.look import look
from backend.mail.health.look import HTTPS, served
from backend.mailu.certificate import is_self_signed
from backend.mailu.environment import MailSecrets
from backend.mailu.found import Found, differences, found_in, settings_in

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession
    from backend.mail.adopt.finding import ApiState
    from backend.mail.adopt.look import Seen
    from backend.mailu.settings import MailSettings

#: What Mailu takes for a token at least (core/admin/mailu/api/common.py).
SHORTEST_TOKEN = 4
API_PATH = "/api"
#: In place of a token that is not made yet: that there will be one is all that is told.
TO_COME = Secret("to come")


@dataclass(frozen=True)
class Noted:
    """What Mailyard knows of the server's Mailu from before."""

    settings: MailSettings
    secrets: MailSecrets


@dataclass(frozen=True)
class Read:
    """What is shown, and what it comes from: that has secrets in it, and never leaves the step that read it."""

    shown: MailFound
    found: Found


def read(ssh: SshSession, noted: Noted | None, relay_ref: str) -> Read:
    """Everything that can be found out without a change. ``relay_ref`` is where a smart host's password will lie.

    :raises MailyardError: there is no Mailu that could be worked with, or it could not be asked.
    """
    seen = look(ssh)
    found = found_in(seen.config)
    settings = settings_in(found, relay_ref)
    settings = replace(settings, mailu_version=seen.version or settings.mailu_version)
    wanted = noted or Noted(settings, secrets_in(found))
    certificate = served(ssh, settings.host_name)
    shown = MailFound(
        project=seen.project,
        files=seen.files,
        env_file=seen.env_file,
        root=seen.root,
        mailu_version=settings.mailu_version,
        settings=settings,
        certificate_kind="authority" if certificate and not is_self_signed(certificate) else "self_signed",
        containers=tuple(FoundContainer(*each) for each in seen.containers),
        overrides=tuple(path for path, _size in seen.overrides),
        pending=_pending(seen, found),
        differences=tuple(differences(found, wanted.settings, wanted.secrets, root=seen.root)),
        api="off",
        api_note="",
        stamp=seen.stamp,
    )
    return Read(_with_api(shown, ssh, _in_force(seen, found), certificate), found)


def secrets_in(found: Found) -> MailSecrets:
    """Those that its files hold; empty ones that they do not."""
    values = (found.value(key) for key in ("SECRET_KEY", "API_TOKEN", "RELAYPASSWORD"))
    secret_key, token, relay = map(Secret, values)
    return MailSecrets(secret_key, token if found.value("API_TOKEN") else TO_COME, relay)


def _pending(seen: Seen, found: Found) -> tuple[str, ...]:
    if seen.env is None:
        return ()
    return tuple(sorted(key for key, value in found.env.items() if seen.env.get(key) != value))


def _in_force(seen: Seen, found: Found) -> Found:
    """What the containers were started with, where they run."""
    return found if seen.env is None else replace(found, env=seen.env)


def _with_api(shown: MailFound, ssh: SshSession, found: Found, certificate: bytes) -> MailFound:
    state, note = _before_asking(shown, found)
    if state != "open":
        return replace(shown, api=state, api_note=note)
    try:
        domains, mailboxes = _counted(ssh, shown.settings.host_name, Secret(found.value("API_TOKEN")), certificate)
    except Cancelled:
        raise
    except MailyardError as error:
        return replace(shown, api="silent", api_note=error.sentence())
    return replace(shown, api="open", domains=domains, mailboxes=mailboxes)


def _before_asking(shown: MailFound, found: Found) -> tuple[ApiState, str]:
    path = (found.env.get("WEB_API") or API_PATH).rstrip("/")
    if not shown.is_supported:
        words = _("Mailyard knows Mailu 2024.06 and manages no other release, such as {version}.")
        return "unsupported", words.format(version=shown.mailu_version or "–")
    if not found.is_on("API"):
        return "off", _("Domains and mailboxes cannot be managed while it is off.")
    if len(found.value("API_TOKEN")) < SHORTEST_TOKEN:
        return "no_token", _("Mailu lets nobody in without one.")
    if path != API_PATH:
        return "elsewhere", _("It lies at {path}, Mailyard asks {ours}.").format(path=path, ours=API_PATH)
    return "open", ""


def _counted(ssh: SshSession, host_name: str, token: Secret, certificate: bytes) -> tuple[int, int]:
    """How many domains and mailboxes it tells of.

    :raises MailyardError: it does not let us in, or nothing answers.
    """
    from backend.core.ssh.tunnel import Tunnel, fingerprint
    from backend.mailu.api import MailuApi
    from backend.mailu.wire import MailuWire

    if not certificate:
        raise HostUnreachable(
            _("Nothing speaks TLS on port 443 of the server's own loopback."),
            remedy=_("Its web server may be down, or stand behind another one."),
        )
    wire = MailuWire(host_name, token, dial=Tunnel(ssh, HTTPS, fingerprint(certificate)))
    try:
        api = MailuApi(wire)
        return len(api.domains()), len(api.mailboxes())
    finally:
        wire.close()
