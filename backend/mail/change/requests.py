"""Requests that change a mail server which runs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from backend.mail.requests import OnMail
from backend.mailu.settings import MailSettings, Webmail

PowerAct = Literal["start", "stop", "restart"]
#: In ``sets_back``: all that was changed by hand.
ALL = "*"


@dataclass(frozen=True)
class ChangeMail(OnMail, kind="mail.change"):
    """Other settings; what is None stays as the server has it. ``sets_back`` are keys of mailu.env that somebody
    changed by hand and that get Mailyard's value again, :data:`ALL` for each of them.
    """

    webmail: Webmail | None = None
    has_antivirus: bool | None = None
    scans_macros: bool | None = None
    ports: tuple[int, ...] | None = None
    message_mb: int | None = None
    messages_per_day: int | None = None
    sets_back: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.ports is not None:
            object.__setattr__(self, "ports", tuple(sorted(set(self.ports))))

    @property
    def asked(self) -> dict[str, Any]:
        """The settings that are to change, by their names."""
        names = {each.name for each in fields(MailSettings)}.intersection(each.name for each in fields(self))
        return {name: value for name in sorted(names) if (value := getattr(self, name)) is not None}

    def on(self, settings: MailSettings) -> MailSettings:
        """These settings with what was asked for."""
        return replace(settings, **self.asked)

    def beyond(self, settings: MailSettings) -> ChangeMail:
        """Only what differs from these settings."""
        same: dict[str, Any] = {name: None for name, value in self.asked.items() if value == getattr(settings, name)}
        return replace(self, **same)


@dataclass(frozen=True)
class PowerMail(OnMail, kind="mail.power"):
    """Its containers; the server itself goes on."""

    act: PowerAct


@dataclass(frozen=True)
class RenewToken(OnMail, kind="mail.token"):
    """Another token of Mailu's API."""


@dataclass(frozen=True)
class RenewPassword(OnMail, kind="mail.admin_password"):
    """Another password of the administrator's mailbox."""
