"""A mail server from the snapshot: mail goes in and out, filtered and signed, and the server comes back by itself."""

from __future__ import annotations

import json
import smtplib
import socket
from email import message_from_string

import pytest

from tests.lab.authority import lab_authority
from tests.lab.client import Client
from tests.lab.mail.browser import inbox_on_the_web
from tests.lab.mail.compose import ROOT, SERVICES, environment_file
from tests.lab.mail.images import MOVING, VERSIONS
from tests.lab.mail.letters import (
    ALICE,
    ARRIVES_S,
    BOB,
    OUTSIDE,
    STEP_S,
    arrived,
    client_domain,
    message,
    nothing_waits,
    symbols,
)
from tests.lab.mail.stack import ADDRESSES, HOST, POSTMASTER, Stack, password
from tests.lab.nodes.plan import SINKS
from tests.lab.nodes.sink import Sink
from tests.lab.waiting import until

pytestmark = pytest.mark.lab

#: A worker of rspamd that starts before the controller has the domains looks again after one to two intervals of
#: five minutes (github rspamd/rspamd pull request 6214).
LEARNS_S = 630.0
#: Of the API: method, path, what is sent, status, a part of the answer; in this order.
ODDITIES: tuple[tuple[str, str, object, int, str], ...] = (
    ("GET", "/domain/not_one", None, 200, '"code": 400'),
    ("GET", "/domain/unknown.test", None, 404, "does not exist"),
    ("PATCH", "/domain/unknown.test", {"comment": "x"}, 500, "Internal Server Error"),
    ("POST", "/domain", {}, 400, "'name' is a required property"),
    ("POST", "/domain", {"name": "client.test"}, 409, "Duplicate domain name"),
    ("PATCH", "/domain/client.test", {"alternatives": ["second.test"]}, 200, "has been updated"),
    ("PATCH", "/domain/client.test", {"alternatives": ["second.test", "third.test"]}, 409, "second.test"),
    ("GET", "/alternative", None, 200, '"domain": "client.test"'),
    ("POST", "/relay", {"name": "second.test"}, 409, "Duplicate domain"),
    ("POST", "/user", {"email": "carol@client.test"}, 400, "'raw_password' is a required property"),
    ("POST", "/user", {"email": ALICE, "raw_password": "x"}, 409, "already exists"),
    ("PATCH", f"/user/{ALICE}", {"quota_bytes": "many"}, 400, "is not of type 'integer'"),
    ("PATCH", f"/user/{ALICE}", {"forward_enabled": True, "forward_destination": []}, 400, "mandatory"),
    ("POST", "/alias", {"email": "out@client.test", "destination": [OUTSIDE]}, 404, "does not exist"),
    ("POST", "/alias", {"email": "in@client.test", "destination": [BOB]}, 200, "has been created"),
    ("GET", "/alias/destination/client.test", None, 200, "in@client.test"),
    ("POST", f"/tokenuser/{ALICE}", {"AuthorizedIP": ["nowhere"]}, 400, "is invalid"),
    ("POST", f"/tokenuser/{ALICE}", {"comment": "phone"}, 200, '"token": '),
    ("POST", "/domain/client.test/manager", {"user_email": BOB}, 200, "has been added"),
    ("GET", "/domain/client.test/manager", None, 200, BOB),
)


@pytest.fixture
def hosted(mail_server: Stack) -> Stack:
    """The server with a client's domain and two mailboxes."""
    client_domain(mail_server)
    return mail_server


@pytest.mark.proof("a message through the lab's mail server")
def test_a_message_is_submitted_filtered_signed_and_read(hosted: Stack) -> None:
    hosted.submit(ALICE, [BOB], message(ALICE, BOB, "within the house"))

    (read,) = arrived(hosted, BOB)

    parsed = message_from_string(read)
    assert parsed["Subject"] == "within the house"
    assert "d=client.test" in parsed["DKIM-Signature"]
    assert parsed["X-Spamd-Bar"]
    assert "R_DKIM_ALLOW" in symbols(hosted, read)
    assert "R_DKIM_REJECT" in symbols(hosted, read.replace("Good morning", "Good evening"))


@pytest.mark.proof("a message through the lab's mail server")
def test_mail_to_others_is_signed_and_encrypted(hosted: Stack, sinks: dict[str, Sink]) -> None:
    hosted.submit(ALICE, [OUTSIDE], message(ALICE, OUTSIDE, "to the world"))

    assert until(lambda: sinks["example.com"].received(OUTSIDE), ARRIVES_S, STEP_S)
    (taken,) = sinks["example.com"].received(OUTSIDE)

    assert (taken.sender, taken.peer, taken.greeted_as, taken.by_tls) == (ALICE, hosted.ip, HOST, True)
    assert "d=client.test" in message_from_string(taken.message)["DKIM-Signature"]


def test_what_others_put_off_waits_in_the_queue(hosted: Stack, sinks: dict[str, Sink]) -> None:
    hosted.submit(ALICE, ["deferred@example.com"], message(ALICE, "deferred@example.com", "later"))

    def waits() -> bool:
        said = hosted.compose("exec -T smtp postqueue -j").output
        return any(
            "Please try again later" in recipient.get("delay_reason", "")
            for line in said.splitlines()
            for recipient in json.loads(line)["recipients"]
        )

    assert until(waits, ARRIVES_S, STEP_S)


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("sinks")
def test_mail_from_others_comes_in_and_goes_no_further(hosted: Stack, lab: Client) -> None:
    def deliver() -> dict[str, int]:
        refused: dict[str, int] = {}
        with smtplib.SMTP(hosted.ip, 25, "mx.example.com", timeout=60) as line:
            line.starttls(context=hosted.trust)
            line.sendmail(OUTSIDE, [BOB], message(OUTSIDE, BOB, "from the world"))
            for stranger in ("nobody@client.test", "else@example.net"):
                with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
                    line.sendmail(OUTSIDE, [stranger], message(OUTSIDE, stranger, "no"))
                refused |= {address: code for address, (code, _text) in refusal.value.recipients.items()}
        return refused

    sink = SINKS["example.com"].name
    refused = lab.within(sink, deliver)

    assert refused == {"nobody@client.test": 550, "else@example.net": 554}
    (read,) = arrived(hosted, BOB)
    assert message_from_string(read)["Subject"] == "from the world"
    assert lab.within(sink, lambda: until(lambda: _is_spoof_refused(hosted), LEARNS_S, STEP_S))
    assert "spf=pass" in message_from_string(read)["Authentication-Results"]


def test_wrong_passwords_are_refused_and_closed_doors_too(hosted: Stack) -> None:
    with smtplib.SMTP(hosted.ip, 587, timeout=60) as line:
        line.starttls(context=hosted.trust)
        with pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
            line.login(ALICE, "wrong")
    assert hosted.mailbox(ALICE) == []

    hosted.api.patch(f"/user/{ALICE}", json={"enable_imap": False}).raise_for_status()

    with pytest.raises(Exception, match="AUTHENTICATIONFAILED"):
        hosted.mailbox(ALICE)


def test_the_webmail_opens_for_who_logs_in_at_the_door(hosted: Stack) -> None:
    hosted.submit(ALICE, [BOB], message(ALICE, BOB, "seen on the web"))
    arrived(hosted, BOB)
    with hosted.web(f"https://{hosted.ip}") as browser:
        listing = inbox_on_the_web(browser, BOB, password(BOB))

    assert "seen on the web" in listing


def test_the_api_answers_with_the_oddities_of_the_real_one(hosted: Stack) -> None:
    for method, path, sent, status, said in ODDITIES:
        answer = hosted.api.request(method, path, json=sent)
        assert (answer.status_code, said in answer.text) == (status, True), (method, path, answer.text)
    (listed,) = [each for each in hosted.api.get("/user").json() if each["email"] == ALICE]
    alone = hosted.api.get(f"/user/{ALICE}").json()
    assert "reply_subject" not in listed
    assert alone["reply_subject"] is None
    assert alone["password"].startswith("$bcrypt-sha256$v=2,t=2b,r=4$")
    for token, status in (("", 401), ("Bearer wrong", 403)):
        assert hosted.api.get("/domain", headers={"Authorization": token}).status_code == status
    assert hosted.api.delete("/domain/client.test").status_code == 200
    assert hosted.api.get("/alternative").json() == []
    assert hosted.shell.read(f"ls {ROOT}/dkim") == "client.test.dkim.key"


def test_the_command_line_does_what_the_api_refuses(hosted: Stack) -> None:
    assert hosted.flask(f"alias info client.test {OUTSIDE},{BOB}").code == 0
    assert hosted.flask("alias -w '%' client.test alice@client.test").code == 0
    assert hosted.flask(f"user-delete {BOB}").code == 0
    assert hosted.flask("admin admin lab.test secret").output.startswith("Error: user 'admin@lab.test' exists")
    assert hosted.flask("nonsense").code == 2

    exported = json.loads(hosted.flask("config-export -j").output)

    assert {each["email"]: each["destination"] for each in exported["alias"]} == {
        "%@client.test": [ALICE],
        "info@client.test": [BOB, OUTSIDE],
    }
    assert [each.get("enabled") for each in exported["user"] if each["email"] == BOB] == [False]
    assert exported["domain"][0]["dkim_key"] == "<hidden>"
    code = f"import sqlite3; print(*sqlite3.connect('{ROOT}/data/main.db').execute('SELECT email FROM user'))"
    assert ALICE in hosted.shell.read(f'python3 -c "{code}"')


def test_aliases_forwards_and_absence_lead_mail_on(hosted: Stack, sinks: dict[str, Sink]) -> None:
    hosted.flask("alias -w 'sales%' client.test bob@client.test")
    away = {"reply_enabled": True, "reply_subject": "Away", "reply_body": 'Back "soon"'}
    forward = {"forward_enabled": True, "forward_destination": ["else@example.net"], "forward_keep": True}
    hosted.api.patch(f"/user/{BOB}", json={**away, **forward}).raise_for_status()

    hosted.submit(ALICE, ["sales-eu+tag@client.test"], message(ALICE, "sales-eu@client.test", "to the team"))

    assert message_from_string(arrived(hosted, BOB)[0])["Subject"] == "to the team"
    assert message_from_string(arrived(hosted, ALICE)[0])["Subject"] == "Away"
    assert until(sinks["example.net"].received, ARRIVES_S, STEP_S)
    used = hosted.api.get(f"/user/{BOB}").json()["quota_bytes_used"]
    assert used > 100


def test_limits_lock_out_and_are_told(hosted: Stack) -> None:
    changes = {"AUTH_RATELIMIT_EXEMPTION": "", "MESSAGE_RATELIMIT": "3/day"}
    hosted.shell.read(f"cat > {ROOT}/mailu.env <<'END'\n{environment_file(changes)}END")
    assert hosted.compose("up -d --no-deps admin").code == 0
    hosted.wait_until_healthy()

    with smtplib.SMTP(hosted.ip, 587, timeout=60) as line:
        line.starttls(context=hosted.trust)
        line.login(ALICE, password(ALICE))
        refused = line.sendmail(ALICE, [BOB, ALICE, OUTSIDE, "else@example.net"], message(ALICE, BOB, "to many"))
    assert list(refused) == ["else@example.net"]
    assert "too many emails too fast" in str(refused)
    hosted.compose("exec -T redis redis-cli -n 2 flushdb")
    wrong = {"Authorization": "Bearer wrong"}
    assert [hosted.api.get("/domain", headers=wrong).status_code for _turn in range(6)] == [403] * 5 + [429]
    assert hosted.api.get("/domain").status_code == 429
    keys = hosted.compose("exec -T redis redis-cli -n 2 keys '*'").output
    assert "LIMITS:LIMITER/auth-ip/10.77.0.0/5/1/hour" in keys


def test_a_changed_certificate_is_shown_without_a_restart(mail_server: Stack) -> None:
    pair = lab_authority().issue(HOST, *ADDRESSES)
    serial = _serial(mail_server, 993)

    for name, text in (("cert.pem", pair.certificate), ("key.pem", pair.key)):
        mail_server.shell.read(f"cat > {ROOT}/certs/{name} <<'END'\n{text}END")

    for port in (443, 465, 993):
        assert until(lambda port=port: _serial(mail_server, port) != serial, ARRIVES_S, STEP_S), port  # type: ignore[misc]


def test_the_images_came_with_the_snapshot_and_the_registry_has_them(mail_server: Stack) -> None:
    present = mail_server.shell.read("docker images --format '{{.Repository}}:{{.Tag}}'").split()
    wanted = {"unbound", *(image for image, _folders, _before in SERVICES.values())}
    assert {f"ghcr.io/mailu/{name}:{VERSIONS[-1]}" for name in wanted} | {"redis:alpine"} <= set(present)
    for version in VERSIONS:
        name = f"ghcr.io/mailu/admin:{version}"
        mail_server.shell.read(f"docker pull -q {name}")
        assert mail_server.shell.read(f"docker run --rm --network none {name} cat /version") == version
        label = '{{index .Config.Labels "version"}}'
        assert mail_server.shell.read(f"docker inspect --format '{label}' {name}") == version
    moving = mail_server.shell.read(f"docker pull -q ghcr.io/mailu/admin:{MOVING}")
    newest = f"docker inspect --format '{{{{.Id}}}}' ghcr.io/mailu/admin:{VERSIONS[-1]} {moving}"
    assert len(set(mail_server.shell.read(newest).split())) == 1


def test_a_reset_server_has_only_its_postmaster(mail_server: Stack) -> None:
    mail_server.add_domain("client.test", "alice")
    mail_server.shell.read(f"echo '# mine' > {ROOT}/overrides/postfix/postfix.cf")
    mail_server.compose("stop webmail")

    mail_server.reset()

    assert [each["email"] for each in mail_server.api.get("/user").json()] == [POSTMASTER]
    assert mail_server.shell.read(f"find {ROOT}/dkim {ROOT}/overrides -type f") == ""
    assert mail_server.health()["webmail"] == "healthy"


def test_a_reboot_brings_the_server_back(hosted: Stack, lab: Client) -> None:
    before = hosted.shell.read("cat /proc/sys/kernel/random/boot_id")
    hosted.submit(ALICE, [BOB], message(ALICE, BOB, "before"))
    arrived(hosted, BOB)
    assert until(lambda: nothing_waits(hosted.shell), ARRIVES_S, STEP_S)

    lab.reboot(hosted.host.name, seconds=120)
    hosted.log_in_again()
    hosted.wait_until_healthy()

    assert hosted.shell.read("cat /proc/sys/kernel/random/boot_id") != before
    (read,) = hosted.mailbox(BOB)
    assert message_from_string(read)["Subject"] == "before"


def _is_spoof_refused(stack: Stack) -> bool:
    """That mail from outside says it is from a domain of ours; a filter that just started may learn them later."""
    with smtplib.SMTP(stack.ip, 25, "mx.example.com", timeout=60) as line:
        line.starttls(context=stack.trust)
        try:
            line.sendmail(POSTMASTER, [ALICE], message(POSTMASTER, ALICE, "not from us"))
        except smtplib.SMTPDataError as error:
            return "anti-spoofing" in str(error)
    return False


def _serial(stack: Stack, port: int) -> int:
    """Of the certificate that a port shows."""
    with (
        socket.create_connection((stack.ip, port), timeout=30) as line,
        stack.trust.wrap_socket(line, server_hostname=HOST) as connection,
    ):
        shown = connection.getpeercert()
    assert shown is not None
    return int(str(shown["serialNumber"]), 16)
