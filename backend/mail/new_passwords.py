"""Passwords of mailboxes before anything is asked of the engine: made up, or checked as a person chose them."""

from __future__ import annotations

import secrets as random

from backend.core.errors import Refused
from backend.core.present.text import _, ngettext
from backend.core.secrets.values import Secret

SHORTEST_PASSWORD = 8
MADE_UP_BYTES = 12


def made_up_password() -> Secret:
    """Of 16 characters that can be typed on every keyboard."""
    return Secret(random.token_urlsafe(MADE_UP_BYTES))


def check_password(password: Secret) -> None:
    """:raises Refused: nobody may log in with so short a one."""
    with password.lent() as value:
        if len(value) < SHORTEST_PASSWORD:
            raise Refused(
                ngettext(
                    "The password has fewer than {least} character.",
                    "The password has fewer than {least} characters.",
                    SHORTEST_PASSWORD,
                ).format(least=SHORTEST_PASSWORD),
                remedy=_("Choose a longer one."),
            )
