"""Messages for a mail server of the lab, and what became of them."""

from __future__ import annotations

import json
import textwrap

from tests.lab.mail.compose import PROJECT
from tests.lab.mail.person import Person
from tests.lab.mail.stack import HOST, Stack
from tests.lab.nodes.dns import ask, replace, texts
from tests.lab.nodes.plan import ZONES
from tests.lab.shell import Shell
from tests.lab.waiting import until

ARRIVES_S = 120.0
STEP_S = 0.5
ALICE, BOB = "alice@client.test", "bob@client.test"
OUTSIDE = "someone@example.com"
LONGEST = 250  # of one string in a TXT record there may be 255 bytes


def client_domain(stack: Stack) -> None:
    """client.test with the mailboxes of Alice and Bob, hosted on this server, which its DNS says."""
    stack.add_domain("client.test", "alice", "bob")
    replace("lab.test", "mx1", "A", stack.ip)
    replace("client.test", "@", "MX", f"10 {HOST}.")
    replace("client.test", "@", "TXT", '"v=spf1 mx -all"')
    key = stack.api.get("/domain/client.test").json()["dns_dkim"].partition('TXT "')[2].rstrip('"')
    parts = textwrap.wrap(key, LONGEST, drop_whitespace=False, break_on_hyphens=False)
    value = " ".join(f'"{part}"' for part in parts)
    replace("client.test", "dkim._domainkey", "TXT", value)
    assert until(lambda: texts(ask(ZONES.ip, "dkim._domainkey.client.test", "TXT"), "TXT") == {value}, ARRIVES_S)


def message(sender: str, recipient: str, subject: str) -> str:
    head = f"From: {sender}\r\nTo: {recipient}\r\nSubject: {subject}\r\n"
    more = f"Date: Tue, 01 Dec 2026 08:00:00 +0000\r\nMessage-ID: <{subject.replace(' ', '-')}@client.test>\r\n"
    return f"{head}{more}\r\nGood morning.\r\n"


def arrived(stack: Stack, address: str) -> list[str]:
    """The messages of a mailbox, once there are any."""
    found: list[str] = []

    def are_there() -> bool:
        found[:] = stack.mailbox(address)
        return bool(found)

    assert until(are_there, ARRIVES_S, STEP_S), f"nothing came for {address} within {ARRIVES_S:.0f} s"
    return found


def one_more(sender: Person, reader: Person, subject: str) -> list[str]:
    """The reader's messages once one more than before is there."""
    before = len(reader.mailbox())
    sender.submit([reader.address], message(sender.address, reader.address, subject))
    assert until(lambda: len(reader.mailbox()) == before + 1, ARRIVES_S, STEP_S)
    return reader.mailbox()


def nothing_waits(shell: Shell) -> bool:
    """Whether Postfix knows of each message that it was stored or sent.

    A server that goes down before that does it once more when it is back: RFC 5321 section 6.1 prefers that to none.
    """
    return not shell.read(f"docker exec {PROJECT}-smtp-1 postqueue -j").strip()


def symbols(stack: Stack, text: str) -> set[str]:
    """What rspamd finds in a message that somebody outside would hand over."""
    stack.shell.read(f"cat > /root/message <<'END'\n{text}\nEND")
    form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    address = stack.shell.read(f"docker inspect -f '{form}' mailu-antispam-1")
    head = "-H 'Password: mailu' -H 'IP: 10.77.0.81' -H 'Helo: mx.example.com'"
    said = stack.shell.read(f"curl -sf {head} --data-binary @/root/message http://{address}:11334/checkv2")
    return set(json.loads(said)["symbols"])
