"""A mail server like Mailu's on a lab host: started from a snapshot that holds its images and a warm filter."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping, Sequence
from functools import cached_property

import httpx

from tests.lab.authority import lab_authority
from tests.lab.client import LabError
from tests.lab.hosts import LabHost
from tests.lab.mail.compose import API_TOKEN, ENVIRONMENT, PROJECT, ROOT, SERVICES
from tests.lab.mail.person import Person
from tests.lab.shell import Outcome, Shell
from tests.lab.waiting import until

HOST = "mx1.lab.test"
#: Where such a server may be; the first is the one that a run has.
ADDRESSES = ("10.77.1.5", "10.77.1.6", "10.77.1.7", "10.77.1.8")
COMPOSE = f"cd {ROOT} && docker compose -p {PROJECT}"
#: Where the files that a server was set up with lie once more, to compare with.
KEPT = "/root/as-set-up"
DOMAIN, LOCAL_PART = ENVIRONMENT["DOMAIN"], "admin"
POSTMASTER = f"{LOCAL_PART}@{DOMAIN}"
FILES = ("docker-compose.yml", "mailu.env")
OF_PROJECT = f"label=com.docker.compose.project={PROJECT}"
SHELL_S = 300.0
HEALTHY_S = 600.0
STEP_S = 0.5
#: In what Docker says of a container: ``Up 2 minutes (healthy)``, ``Up 3 seconds (health: starting)``.
HEALTH = re.compile(r"\((?:health: )?(\w+)\)")
#: What somebody changed of its files is put back, and what somebody stopped is started.
SET_UP_AGAIN = f"""set -e
cd {ROOT}
changed=''
for name in {" ".join(FILES)}; do
  cmp -s {KEPT}/$name $name || changed=1
  cp {KEPT}/$name $name
done
if [ -n "$(find overrides -type f -print -delete)" ]; then {COMPOSE} restart; fi
[ -z "$changed" ] && [ $(docker ps -q --filter {OF_PROJECT} | wc -l) = {len(SERVICES) + 2} ] || {COMPOSE} up -d
"""
#: Then all is gone that was stored; each request to admin opens its database anew.
FORGET = f"""set -e
cd {ROOT}
cp {KEPT}/main.db data/main.db.new
mv data/main.db.new data/main.db
docker exec {PROJECT}-redis-1 redis-cli flushall >/dev/null
docker exec {PROJECT}-smtp-1 postsuper -d ALL >/dev/null 2>&1
rm -rf mail/* dkim/*
"""


class Stack:
    """A running server; ``shell`` is root's on its host. Whoever made it closes it."""

    def __init__(self, host: LabHost) -> None:
        self.host = host
        self.shell = host.shell()

    @property
    def ip(self) -> str:
        return self.host.ip

    @property
    def trust(self) -> ssl.SSLContext:
        """Proves the server's certificate, by its name or its address; a new one each time, since clients change it."""
        return ssl.create_default_context(cafile=lab_authority().path)

    @cached_property
    def api(self) -> httpx.Client:
        """REST v1, with the token."""
        return self.web(f"https://{self.ip}{ENVIRONMENT['WEB_API']}/v1", {"Authorization": f"Bearer {API_TOKEN}"})

    def close(self) -> None:
        self.api.close()
        self.shell.close()

    def log_in_again(self) -> None:
        """After a reboot."""
        self.shell.close()
        self.shell = self.host.shell()
        wait_for_engine(self.shell)

    def add_domain(self, name: str, *users: str) -> None:
        """A hosted domain with a key, and users of it; the password of each is :func:`password` of its address."""
        self.api.post("/domain", json={"name": name}).raise_for_status()
        self.api.post(f"/domain/{name}/dkim").raise_for_status()
        for user in users:
            address = f"{user}@{name}"
            self.api.post("/user", json={"email": address, "raw_password": password(address)}).raise_for_status()

    def submit(self, sender: str, recipients: Sequence[str], message: str) -> None:
        """As a user of the server does."""
        self._person(sender).submit(recipients, message)

    def mailbox(self, address: str) -> list[str]:
        """All messages of a user's inbox, oldest first."""
        return self._person(address).mailbox()

    def web(self, base: str, headers: dict[str, str] | None = None) -> httpx.Client:
        """A client of its web pages, which remembers cookies; the caller's to close."""
        named = {"Host": HOST, **(headers or {})}
        return httpx.Client(base_url=base, verify=self.trust, headers=named, timeout=60)

    def compose(self, words: str, seconds: float = SHELL_S) -> Outcome:
        """What ``docker compose`` says about the server's project."""
        return self.shell.run(f"{COMPOSE} {words}", seconds)

    def flask(self, words: str) -> Outcome:
        """One command of ``flask mailu``."""
        return self.compose(f"exec -T admin flask mailu {words}")

    def health(self) -> dict[str, str]:
        """By service: ``healthy``, or what it is instead."""
        form = '{{.Label "com.docker.compose.service"}} {{.State}} {{.Status}}'
        said = self.shell.read(f"docker ps -a --filter {OF_PROJECT} --format '{form}'")
        found = {}
        for line in said.splitlines():
            name, state, status = line.split(maxsplit=2)
            told = HEALTH.search(status)
            found[name] = told[1] if told and state == "running" else state
        return found

    def wait_until_healthy(self, seconds: float = HEALTHY_S) -> None:
        """:raises LabError: something is not well in time; the message says what."""
        found: dict[str, str] = {}

        def is_well() -> bool:
            found.clear()
            found.update(self.health())
            return _are_well(found)

        if not until(is_well, seconds, STEP_S):
            raise LabError(f"the mail server is not well after {seconds:.0f} s: {found}")

    def reset(self) -> None:
        """As it was set up: its own domain and postmaster, no mail, nothing counted, all of it running."""
        self.shell.read(SET_UP_AGAIN, SHELL_S)
        self.wait_until_healthy()
        self.shell.read(FORGET, SHELL_S)

    def _person(self, address: str) -> Person:
        return Person(self.ip, self.trust, address, password(address))


def password(address: str) -> str:
    """Of a user that :meth:`Stack.add_domain` made."""
    return f"password of {address}"


def _are_well(found: Mapping[str, str]) -> bool:
    """Redis has no check of its health."""
    return found == {**dict.fromkeys(("resolver", *SERVICES), "healthy"), "redis": "running"}


def wait_for_engine(shell: Shell) -> None:
    """Until Docker takes commands.

    :raises LabError: it does not.
    """
    if not until(lambda: shell.run("docker version").code == 0, SHELL_S, STEP_S):
        raise LabError(f"the engine does not answer within {SHELL_S:.0f} s")
