"""The look at a Mailu that somebody else set up: on a real engine, where nothing changes, and what it refuses."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from backend.core.errors import BadResponse, MailyardError, Refused
from backend.core.secrets.redactor import MASK
from backend.core.ssh.session import SshSession
from backend.mail.adopt.look import look
from backend.mail.adopt.opening import line_of, with_lines
from backend.mail.adopt.reading import read
from tests.backend.ssh.hosts import login
from tests.lab.mail.compose import API_TOKEN, ENVIRONMENT, ROOT
from tests.lab.mail.images import VERSIONS
from tests.lab.mail.stack import HOST, KEPT, Stack

pytestmark = pytest.mark.judged_once

#: What the containers themselves write while nobody asks anything.
MOVING = ("redis", "filter", "mailqueue")
COMPOSE = "services:\n  admin: {image: ghcr.io/mailu/admin:2024.06.57, env_file: mailu.env}\n"


class Told:
    """What looks like an SSH session to whoever only checks one script: it printed this."""

    def __init__(self, told: object) -> None:
        self._told = told

    def check(self, _command: str, *, stdin: str = "", timeout_s: float = 60.0) -> str:
        return self._told if isinstance(self._told, str) else json.dumps(self._told)


def project(**changes: Any) -> dict[str, Any]:
    services = ("admin", "front", "imap", "smtp")
    known: dict[str, Any] = {
        "project": "mailu",
        "files": ["/srv/mail/compose.yml"],
        "root": "/srv/mail",
        "version": "2024.06.57",
        "folder": "/srv/mail",
        "config": "{}",
        "texts": {"/srv/mail/compose.yml": COMPOSE},
        "env": None,
        "overrides": [],
        "containers": [[name, f"ghcr.io/mailu/{name}:2024.06.57", "running"] for name in services],
    }
    return {**known, **changes}


def seen(*projects: dict[str, Any], has_docker: bool = True) -> Any:
    return cast("Any", Told({"has_docker": has_docker, "projects": list(projects)}))


@pytest.mark.lab
def test_a_look_at_a_real_one_changes_nothing_and_finds_what_is_there(mail_server: Stack) -> None:
    shell, moving = mail_server.shell, " ".join(f"-path {ROOT}/{each} -prune -o" for each in MOVING)
    sums = f"find {ROOT} {moving} -type f -exec sha256sum {{}} + | sort"
    hashed = f"{sums}; find {ROOT} {moving} -printf '%p %m %U %T@\\n' | sort"
    try:
        shell.read(f"mkdir -p {ROOT}/overrides/postfix; echo 'a = b' > {ROOT}/overrides/postfix/postfix.cf")
        shell.read(f"echo SESSION_TIMEOUT=99 >> {ROOT}/mailu.env")
        before = shell.read(hashed)

        with SshSession(login(mail_server.host)) as ssh:
            found = read(ssh, None, "smtp/relay").shown

        assert shell.read(hashed) == before
    finally:
        shell.read(f"cp {KEPT}/mailu.env {ROOT}/mailu.env; rm -r {ROOT}/overrides/postfix/postfix.cf")
    assert (found.project, found.files) == ("mailu", (f"{ROOT}/docker-compose.yml",))
    assert (found.env_file, found.root, found.mailu_version) == (f"{ROOT}/mailu.env", ROOT, VERSIONS[-1])
    assert (found.settings.host_name, found.settings.domain) == (HOST, ENVIRONMENT["DOMAIN"])
    assert (found.api, found.domains, found.mailboxes) == ("open", 1, 1)
    assert (found.overrides, found.pending) == (("postfix/postfix.cf",), ("SESSION_TIMEOUT",))
    assert {each.service for each in found.containers if each.state == "running"} >= {"admin", "front", "imap", "smtp"}
    told = {each.name: (each.found, each.ours) for each in found.differences}
    assert (told["SESSION_TIMEOUT"], told["CREDENTIAL_ROUNDS"]) == (("99", None), ("4", None))
    assert API_TOKEN not in repr(found)
    assert ENVIRONMENT["SECRET_KEY"] not in repr(found)


REFUSED: dict[str, tuple[Any, type[MailyardError], str]] = {
    "no docker": (seen(has_docker=False), Refused, "Docker does not answer on this server."),
    "no project": (seen(), Refused, "No Mailu was found on this server."),
    "another admin": (
        seen(project(containers=[["admin", "phpmyadmin:5", "running"]])),
        Refused,
        "No Mailu was found on this server.",
    ),
    "two": (seen(project(project="b"), project(project="a")), Refused, "More than one Mailu was found: a, b."),
    "files gone": (seen(project(config=None)), Refused, "The files of the Mailu there cannot be read"),
    "moved": (seen(project(folder="/root")), Refused, "Its compose project was started in /root"),
    "two env files": (
        seen(project(texts={"a": "services: {admin: {env_file: [a.env, b.env]}}"})),
        Refused,
        "Its settings do not lie in one env file.",
    ),
    "two files with one each": (
        seen(project(texts={"a": COMPOSE, "b": COMPOSE.replace("mailu.env", "more.env")})),
        Refused,
        "Its settings do not lie in one env file.",
    ),
    "no yaml": (seen(project(texts={"a": "services: ["})), BadResponse, "What the server told of its Mailu"),
    "no json": (cast("Any", Told("sudo: a terminal is required")), BadResponse, "What the server told of its Mailu"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_worked_with_is_said_in_words(case: str) -> None:
    session, kind, words = REFUSED[case]

    with pytest.raises(kind) as refused:
        look(session)

    assert refused.value.title.startswith(words)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (COMPOSE, "/srv/mail/mailu.env"),
        ("services: {admin: {env_file: [./conf/mail.env]}}", "/srv/mail/conf/mail.env"),
        ("services: {admin: {env_file: [{path: /etc/mailu.env, required: true}]}}", "/etc/mailu.env"),
    ],
)
def test_its_env_file_is_found_wherever_it_lies(text: str, path: str) -> None:
    assert look(seen(project(texts={"/srv/mail/compose.yml": text}))).env_file == path


def test_two_lines_are_changed_and_put_back_to_the_byte() -> None:
    text = "# by hand\nAPI=false\nTZ='Europe/Berlin' # here\nSECRET_KEY=x\n"
    before = {key: line_of(text, key) for key in ("API", "API_TOKEN")}

    changed = with_lines(text, {"API": "API=true", "API_TOKEN": "API_TOKEN=abcd"})

    assert changed == "# by hand\nAPI=true\nTZ='Europe/Berlin' # here\nSECRET_KEY=x\nAPI_TOKEN=abcd\n"
    assert with_lines(changed, before) == text
    assert with_lines(changed, {"API": "API=true", "API_TOKEN": "API_TOKEN=abcd"}) == changed


def test_what_a_look_told_hides_its_secrets_when_it_is_printed() -> None:
    told = look(seen(project(config='{"API_TOKEN": "CANARY-4d1"}', env={"API_TOKEN": "CANARY-4d1"})))

    assert "CANARY-4d1" not in repr(told)
    assert MASK not in told.stamp
