"""What a look at a mail server says, check by check."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.core.checks import Verdict
from backend.mail.health import judge
from backend.mail.health.look import MailSeen, PortSeen, PortState, QueueSeen
from backend.mail.sending.ways import verdict_of, way_out
from backend.mailu.certificate import self_signed
from backend.mailu.settings import MailSettings, SmartHost

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOST_NAME = "mx1.example.net"
OK = ("ok", "")


def said(verdict: Verdict) -> tuple[str, str]:
    return verdict.word, verdict.why.text()


def container(service: str, state: str = "running", health: str = "healthy") -> dict[str, Any]:
    check = ["CMD-SHELL", "true"] if service != "redis" else None
    return {"Service": service, "State": state, "Health": health, "Check": check, "ExitCode": 0}


def seen(**changes: Any) -> MailSeen:
    lines = "\n".join(json.dumps(container(name)) for name in ("front", "admin", "imap", "smtp", "webmail"))
    found: dict[str, Any] = {
        "containers": lines,
        "queue": QueueSeen(0, 0),
        "ports": {},
        "certificates": {},
        "now": NOW.timestamp(),
    }
    return MailSeen(**(found | changes))


CONTAINERS: dict[str, tuple[list[dict[str, Any]], tuple[str, str]]] = {
    "all well": ([container("front"), container("redis", health="")], OK),
    "none": ([], ("critical", "no container runs")),
    "one stopped": ([container("front"), container("imap", "exited", "")], ("critical", "imap does not run")),
    "one ill": ([container("smtp", health="unhealthy")], ("critical", "smtp is not healthy")),
    "one beside": ([container("webmail", "restarting", "")], ("warning", "webmail starts again and again")),
    "one of which the check is not told": ([container("imap", health="")], ("critical", "imap is not healthy")),
    "one begins": ([container("antispam", health="starting")], ("warning", "antispam is still starting")),
    "several": (
        [container("webmail", "restarting", ""), container("imap", "exited", ""), container("front")],
        ("critical", "containers that are not well: imap, webmail"),
    ),
}


@pytest.mark.parametrize(("found", "expected"), CONTAINERS.values(), ids=CONTAINERS)
def test_containers_are_critical_where_mail_stands_still(
    found: list[dict[str, Any]], expected: tuple[str, str]
) -> None:
    lines = "\n".join(map(json.dumps, found))

    assert said(judge.containers(seen(containers=lines))) == expected


@pytest.mark.parametrize("words", [None, "no JSON"])
def test_of_containers_that_nobody_tells_nothing_is_known(words: str | None) -> None:
    assert judge.containers(seen(containers=words)).word == "inconclusive"


def port(state: PortState = "well", certificate: str = "") -> PortSeen:
    return PortSeen(state, "", certificate)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("closed", "port 587 does not answer"),
        ("odd", "port 587 answers with something else"),
        ("plain", "port 587 offers no TLS"),
    ],
)
def test_a_port_that_does_not_answer_as_it_should_is_named(state: PortState, words: str) -> None:
    ports = {"993": port("closed"), "25": port(), "587": port(state)}

    assert said(judge.ports(seen(ports=ports), Verdict("ok"))) == ("critical", words)


def test_mail_that_cannot_come_in_is_said_by_the_ports_too() -> None:
    closed = judge.inbound(port("closed"))

    assert said(closed) == ("critical", "port 25 does not answer from outside")
    assert judge.ports(seen(ports={"25": port()}), closed) == closed
    assert judge.ports(seen(ports={"25": port()}), judge.NOBODY).word == "ok"
    assert judge.inbound(port()).word == "ok"
    assert judge.NOBODY.word == "inconclusive"


@pytest.mark.parametrize(
    ("messages", "hours", "expected"),
    [
        (0, 0, OK),
        (99, 3.9, OK),
        (100, 0, ("warning", "messages that wait to be sent: 100")),
        (1_000, 0, ("critical", "messages that wait to be sent: 1000")),
        (1, 4.1, ("warning", "a message has waited for 4 h")),
        (1, 30, ("critical", "a message has waited for 30 h")),
        (500, 30, ("critical", "a message has waited for 30 h")),
        (1, -5, OK),
    ],
)
def test_a_queue_is_judged_by_its_length_and_its_oldest_message(
    messages: int, hours: float, expected: tuple[str, str]
) -> None:
    oldest = NOW.timestamp() - hours * 3_600 if messages else 0

    assert said(judge.queue(seen(queue=QueueSeen(messages, oldest)))) == expected


def test_a_queue_that_nobody_could_read_is_not_empty() -> None:
    assert said(judge.queue(seen(queue=None))) == ("inconclusive", "the queue could not be read")


def shown(days: float, **ports: str) -> MailSeen:
    """One certificate that ends in so many days, on 993 and 465, or what ``ports`` say."""
    import ssl

    pem = self_signed((HOST_NAME,), NOW - timedelta(days=397 - days)).certificate
    der = ssl.PEM_cert_to_DER_cert(pem)
    key = hashlib.sha256(der).hexdigest()
    found = {"993": port(certificate=key), "465": port(certificate=key)}
    found |= {name.removeprefix("p"): port(certificate=told) for name, told in ports.items()}
    return seen(ports=found, certificates={key: base64.b64encode(der).decode()})


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (200.5, OK),
        (29.5, ("warning", "days left: 29")),
        (6.5, ("critical", "days left: 6")),
        (-1.5, ("critical", "it has ended")),
    ],
)
def test_a_certificate_is_judged_by_what_is_served(days: float, expected: tuple[str, str]) -> None:
    assert said(judge.certificate(shown(days), "", NOW)) == expected


def test_another_certificate_than_the_one_it_was_given_is_named_with_its_port() -> None:
    served = shown(200.5)
    pinned = served.ports["993"].certificate

    assert said(judge.certificate(served, pinned, NOW)) == OK
    foreign = shown(200.5, p25="f" * 64)
    assert said(judge.certificate(foreign, foreign.ports["993"].certificate, NOW)) == (
        "critical",
        "port 25 shows another certificate than the one it was given",
    )
    assert judge.certificate(seen(ports={"25": port("closed")}), pinned, NOW).word == "inconclusive"


@pytest.mark.parametrize(
    ("tried", "relay", "way", "verdict"),
    [
        ({"a": "open", "b": "closed OSError"}, None, "direct", "ok"),
        ({"a": "closed OSError", "b": "unknown name"}, None, "no", "critical"),
        ({"a": "unknown name"}, None, "unknown", "inconclusive"),
        ({"a": "closed OSError"}, SmartHost("smtp.else.example"), "smart_host", "ok"),
    ],
)
def test_who_cannot_send_is_told_why(tried: dict[str, str], relay: SmartHost | None, way: str, verdict: str) -> None:
    found, note = way_out(tried, MailSettings(HOST_NAME, "example.net", "my20261201", smart_host=relay))

    assert (found, verdict_of(found).word) == (way, verdict)
    assert ("Ask the provider" in note) == (way == "no")
