"""What was found of a Mailu, as it is shown: without any secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend.core.present.text import _
from backend.engine.payload import Result
from backend.mailu.found import Difference
from backend.mailu.settings import RELEASE, MailSettings

#: Whether its API can be used: it is open to us; it is switched off; it has no token, or one that Mailu takes for none;
#: it lies at another path than Mailyard asks; it did not answer as it should; the release is another one.
ApiState = Literal["open", "off", "no_token", "elsewhere", "silent", "unsupported"]


@dataclass(frozen=True)
class FoundContainer:
    """One container of the project, whether it runs or not."""

    service: str
    image: str
    state: str


@dataclass(frozen=True)
class MailFound(Result):
    """``files`` are those of the compose project, ``env_file`` what its containers read, ``root`` the folder that holds
    what they keep. ``mailu_version`` is the one that runs.

    ``differences`` are against what Mailyard would write: for ``settings``, or for those it has noted of this server.
    ``pending`` are keys of the env file that the containers were not started with yet. ``api_note`` says why the API is
    not open. ``domains`` and ``mailboxes`` are None where it was not asked. ``stamp`` changes when anything of it does.
    """

    project: str
    files: tuple[str, ...]
    env_file: str
    root: str
    mailu_version: str
    settings: MailSettings
    certificate_kind: str
    containers: tuple[FoundContainer, ...]
    overrides: tuple[str, ...]
    pending: tuple[str, ...]
    differences: tuple[Difference, ...]
    api: ApiState
    api_note: str
    stamp: str
    domains: int | None = None
    mailboxes: int | None = None

    @property
    def is_supported(self) -> bool:
        """Whether Mailyard may do more than watch it."""
        return self.mailu_version == RELEASE or self.mailu_version.startswith(f"{RELEASE}.")

    @property
    def can_open_api(self) -> bool:
        """Whether Mailyard could switch its API on."""
        return self.api in ("off", "no_token")

    @property
    def is_running(self) -> bool:
        return any(each.service == "admin" and each.state == "running" for each in self.containers)

    @property
    def api_said(self) -> str:
        """Whether its API can be used, in words."""
        said = {
            "open": _("open, its token is in the files"),
            "off": _("switched off"),
            "no_token": _("on, but without a token"),
            "elsewhere": _("at a path that Mailyard does not ask"),
            "silent": _("does not answer as it should"),
            "unsupported": _("not asked"),
        }
        return said[self.api]
