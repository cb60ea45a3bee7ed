"""``mailyard domain templates``, and templates that fill in the limits of a domain."""

from __future__ import annotations

from app.cli.output import Exit
from tests.app.cli.command import Commands
from tests.app.cli.test_mail import commands as commands
from tests.app.cli.test_mail import row
from tests.app.cli.test_mail import shared as shared
from tests.app.cli.test_mail import world as world
from tests.backend.mail.world import DOMAIN
from tests.backend.mailu.emulated import HOST_NAME

LIMITS = ("max_mailboxes", "max_aliases", "max_quota_bytes")


def test_templates_are_kept_and_fill_in_the_limits_of_a_domain(commands: Commands) -> None:
    assert commands.asks("domain", "templates", "list") == []
    small = ("Small", "--max-mailboxes", "3", "--max-quota-mb", "500")
    added = commands.run("domain", "templates", "add", *small, "--json").json
    assert added == {"name": "Small", "max_mailboxes": 3, "max_aliases": None, "max_quota_bytes": 500_000_000}
    assert "already a template" in commands.run("domain", "templates", "add", *small, code=Exit.REFUSED).err
    assert "at least one limit" in commands.run("domain", "templates", "add", "None", code=Exit.REFUSED).err

    new = ("b.example", "--server", HOST_NAME, "--template", "small", "--max-aliases", "7")
    commands.run("domain", "add", *new)
    told = row(commands.asks("domain", "list"), name="b.example")
    assert [told[name] for name in LIMITS] == [3, 7, 500_000_000]

    commands.run("domain", "templates", "set", "small", "--new-name", "Tiny", "--max-mailboxes", "0", "--unlimited")
    (tiny,) = commands.asks("domain", "templates", "list")
    assert tiny == {"name": "Tiny", "max_mailboxes": 0, "max_aliases": None, "max_quota_bytes": None}
    told = row(commands.asks("domain", "list"), name="b.example")
    assert told["max_mailboxes"] == 3
    refused = commands.run("domain", "set", DOMAIN, "--template", "Tiny", code=Exit.REFUSED)
    assert f"A limit of 0 mailboxes is too low: {DOMAIN} has 1." in refused.err
    commands.run("domain", "set", "b.example", "--template", "Tiny")
    told = row(commands.asks("domain", "list"), name="b.example")
    assert [told[name] for name in LIMITS] == [0, None, None]

    assert "no template Gone" in commands.run("domain", "set", DOMAIN, "--template", "Gone", code=Exit.NOT_FOUND).err
    commands.run("domain", "set", DOMAIN, "--template", "Tiny", "--unlimited", code=Exit.USAGE)
    commands.run("domain", "templates", "set", "Tiny", code=Exit.USAGE)
    commands.run("domain", "templates", "delete", "tiny")
    assert commands.asks("domain", "templates", "list") == []
