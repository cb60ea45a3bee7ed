"""Managers of a domain by the API: added and taken away one by one."""

from __future__ import annotations

import pytest

from backend.core.errors import AlreadyThere, NotFound
from backend.core.secrets.values import Secret
from backend.mailu.api import MailuApi
from backend.mailu.records import Mailbox, MailDomain

NAME, ME = "example.net", "me@example.net"


def test_managers_are_added_and_taken_away(api: MailuApi) -> None:
    api.add_domain(MailDomain(NAME))
    api.add_mailbox(Mailbox(ME), Secret("first-Secret-1"))

    api.add_manager(NAME, ME)
    with pytest.raises(AlreadyThere):
        api.add_manager(NAME, ME)
    with pytest.raises(NotFound):
        api.add_manager(NAME, "nobody@example.net")
    assert api.domain(NAME) == MailDomain(NAME, managers=(ME,))

    api.remove_manager(NAME, ME)
    api.remove_manager(NAME, ME)
    assert api.domain(NAME) == MailDomain(NAME)
