"""Docker on a server: the engine from Docker's own repository, and a compose project worked with over SSH.

https://docs.docker.com/engine/install/debian/ and /ubuntu/; Debian 12's own compose is version 1, which Mailu's files
do not run with.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.core.errors import BadResponse, CommandFailed, HostUnreachable, SshError
from backend.core.present.text import _
from backend.core.ssh.packages import Poll, install_packages
from backend.core.unreadable import UNREADABLE
from backend.mail.host import turn
from backend.mail.host.signing_key import check_key

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession

KEY_PATH = "/etc/apt/keyrings/docker.asc"
LIST_PATH = "/etc/apt/sources.list.d/docker.list"
PACKAGES = ("docker-ce", "docker-ce-cli", "containerd.io", "docker-compose-plugin")
PULL_S, UP_S, QUERY_S = 900.0, 300.0, 60.0
#: One object a container, of one moment. Compose's own list joins two: it takes the state from a list and the health
#: from a later look, so that what ended in between is told as running without a check (compose 2, ps.go; *seen*).
_TOLD = (
    '{"Service": {{json (index .Config.Labels "com.docker.compose.service")}}, "State": {{json .State.Status}}, '
    '"Health": {{if .State.Health}}{{json .State.Health.Status}}{{else}}""{{end}}, '
    '"Check": {{if .Config.Healthcheck}}{{json .Config.Healthcheck.Test}}{{else}}null{{end}}, '
    '"ExitCode": {{.State.ExitCode}}}'
)
#: How an image says that it has none, where the one it is made from has.
NO_CHECK = "NONE"
#: What the command line says, in small letters, when the engine behind it is not there (docker/cli, cli/command).
NO_ENGINE = ("cannot connect to the docker daemon", "error during connect")


@dataclass(frozen=True)
class Container:
    """One container of a project. ``state`` and ``health`` as Docker says them; where it ``has_check`` it is well only
    when that says so.
    """

    service: str
    state: str
    health: str
    exit_code: int
    has_check: bool = True

    @property
    def is_well(self) -> bool:
        return self.state == "running" and (self.health == "healthy" or not self.has_check)


def has_docker(ssh: SshSession) -> bool:
    """An engine that answers, with compose version 2 or later."""
    found = ssh.run("docker info --format '{{.ServerVersion}}' && docker compose version --short", timeout_s=QUERY_S)
    if found.exit_code != 0:
        return False
    version = found.stdout.strip().splitlines()[-1].lstrip("v")
    return version.split(".")[0].isdigit() and int(version.split(".")[0]) >= 2


def install_docker(ssh: SshSession, system: str, codename: str, fingerprint: str, poll: Poll) -> None:
    """Docker's repository, signed by the key with that fingerprint, and from it the engine; may be repeated.

    :raises SshError: the repository cannot be reached, or its packages do not install.
    :raises Refused: another key is offered; nothing of it was written. A file of none: ``BadResponse``.
    """
    base = f"https://download.docker.com/linux/{system}"
    line = f"deb [arch=$(dpkg --print-architecture) signed-by={KEY_PATH}] {base} {shlex.quote(codename)} stable"
    key = ssh.check(f"curl -fsSL --retry 3 {base}/gpg", timeout_s=120)
    check_key(key, fingerprint)
    ssh.check("install -m 0755 -d /etc/apt/keyrings")
    ssh.put(KEY_PATH, key.encode(), mode=0o644)
    ssh.check(f'echo "{line}" > {LIST_PATH}')
    install_packages(ssh, PACKAGES, poll)
    ssh.check("systemctl enable --now docker", timeout_s=QUERY_S)
    if not has_docker(ssh):
        raise SshError(
            _("Docker was installed, but does not answer."), remedy=_("Look at its log: journalctl -u docker.")
        )


def lock_of(project: str) -> str:
    """The file on the server that whoever changes the project's containers holds."""
    return f"/var/lib/mailyard/compose-{project}.lock"


class ComposeProject:
    """One compose project on a server, by its files; stateless. Every command names the project and the files."""

    def __init__(self, ssh: SshSession, project: str, files: Sequence[str]) -> None:
        self._ssh = ssh
        self._project = project
        named = [word for file in files for word in ("-f", file)]
        self._words = ("docker", "compose", "-p", project, *named)
        self._compose = shlex.join(self._words)

    @property
    def words(self) -> Sequence[str]:
        """What stands before compose's own command."""
        return self._words

    @property
    def listing(self) -> str:
        """A command for a shell that prints what :func:`containers_in` reads: every container, running or not."""
        ours = shlex.quote(f"label=com.docker.compose.project={self._project}")
        ps = f"docker ps --all --quiet --filter {ours} --filter label=com.docker.compose.oneoff=False"
        inspect = f"docker inspect --format {shlex.quote(_TOLD)}"
        return f'found=$({ps}) && {{ [ -z "$found" ] || {inspect} $found; }}'

    def check(self) -> None:
        """:raises CommandFailed: compose does not take the files."""
        self._config("-q")

    def described(self) -> str:
        """What :func:`backend.mailu.found.found_in` reads: with secrets, at the wire only."""
        return self._config("--format json")

    def images(self) -> Sequence[str]:
        """Every image that the files name, each once."""
        return sorted(set(self._config("--images").split()))

    def up(self, *services: str, removes: bool = False) -> None:
        """Start what does not run as the files say; with names, these alone and none they depend on. ``removes``:
        containers of the project that they do not name go.
        """
        only = f"--no-deps {' '.join(map(shlex.quote, services))}" if services else ""
        options = f"{'--remove-orphans ' if removes else ''}{only}"
        self._change(f"up -d --pull never --quiet-pull {options}")

    def down(self, *, removes: bool) -> None:
        """Stop and remove the containers and networks; what they keep in folders stays. ``removes`` as for ``up``."""
        self._change(f"down{' --remove-orphans' if removes else ''}")

    def restart(self, *services: str) -> None:
        self._change(f"restart {' '.join(map(shlex.quote, services))}")

    def containers(self) -> Sequence[Container]:
        """Those that are there, whether they run or not.

        :raises BadResponse: Docker answered with something else than JSON.
        """
        return containers_in(self._ssh.check(self.listing, timeout_s=QUERY_S))

    def execute(self, service: str, command: Sequence[str], *, stdin: str = "", timeout_s: float = QUERY_S) -> str:
        """What the command says in the service's running container.

        :raises CommandFailed: it ended with another exit code than 0, or the container does not run.
        """
        words = " ".join(map(shlex.quote, (service, *command)))
        return self._do(f"exec -T {words}", stdin=stdin, timeout_s=timeout_s)

    def _config(self, options: str) -> str:
        """
        :raises CommandFailed: without compose's own words: they quote the line that it cannot read, secrets and all.
        """
        try:
            return self._ssh.check(f"{self._compose} config {options}", timeout_s=QUERY_S)
        except CommandFailed as error:
            exit_code = error.exit_code
        raise CommandFailed(
            _("The compose file of the mail server could not be read."),
            exit_code=exit_code,
            remedy=_("Look at it over SSH: docker compose config."),
            detail=f"{self._compose} config {options}: exit {exit_code}",
        )

    def _do(self, command: str, *, timeout_s: float, stdin: str = "") -> str:
        """:raises CommandFailed: it failed; with its own words only where the files are not what it speaks of."""
        try:
            return self._ssh.check(f"{self._compose} {command}", stdin=stdin, timeout_s=timeout_s)
        except CommandFailed as error:
            failed = error
        self.check()  # every command of compose reads the files first
        raise failed

    def _change(self, words: str) -> None:
        """One at a time: two that make the containers of one project each take the other's names.

        :raises CommandFailed: as for :meth:`_do`.
        :raises CommandTimedOut: an earlier one did not end.
        :raises HostUnreachable: Docker itself starts again: compose may do the same in a while.
        """
        script = f"{self._compose} {words.rstrip()}"
        try:
            turn.check(self._ssh, lock_of(self._project), script, timeout_s=UP_S)
            return
        except CommandFailed as error:
            failed = error
        self.check()
        if not any(each in failed.detail.lower() for each in NO_ENGINE):
            raise failed
        raise HostUnreachable(
            _("Docker does not answer on this server."),
            remedy=_("Look at its log: journalctl -u docker."),
            detail=failed.detail,
        ) from failed


def pull(ssh: SshSession, image: str) -> bool:
    """Whether it had to be fetched: an image that is there already is not asked for again.

    :raises CommandFailed: the registry has no such image, or could not be reached; its words are in the detail.
    """
    name = shlex.quote(image)
    if ssh.run(f"docker image inspect {name} >/dev/null 2>&1", timeout_s=QUERY_S).exit_code == 0:
        return False
    try:
        ssh.check(f"docker pull -q {name}", timeout_s=PULL_S)
    except CommandFailed as error:
        raise _pull_trouble(image, error) from error
    return True


def fetched_images(ssh: SshSession, beginning: str) -> Sequence[str]:
    """The images that are there, by names that begin so."""
    said = ssh.check("docker images --format '{{.Repository}}:{{.Tag}}'", timeout_s=QUERY_S)
    return [name for name in said.split() if name.startswith(beginning)]


def remove_images(ssh: SshSession, images: Sequence[str]) -> None:
    """One that a container has stays."""
    if images:
        ssh.run(f"docker image rm {shlex.join(images)}", timeout_s=UP_S)


def _pull_trouble(image: str, error: CommandFailed) -> CommandFailed:
    words = error.detail.lower()
    if "no space left" in words:
        title, remedy = _("The disk of the server is full."), _("Free some space or resize it, then retry.")
    elif "manifest unknown" in words or "not found" in words or "denied" in words:
        title = _("The registry has no image {image}.").format(image=image)
        remedy = _("Check the version of Mailu; it may have been withdrawn.")
    else:
        title = _("The image {image} could not be fetched.").format(image=image)
        remedy = _("The registry does not answer or the connection was cut. Retry: what was fetched is kept.")
    return CommandFailed(title, exit_code=error.exit_code, remedy=remedy, detail=error.detail)


def containers_in(said: str) -> Sequence[Container]:
    """
    :raises BadResponse: it is not what :attr:`ComposeProject.listing` prints.
    """
    try:
        return [_container(json.loads(line)) for line in said.splitlines() if line.strip()]
    except UNREADABLE as error:
        raise BadResponse(
            _("Docker's list of containers could not be read."),
            remedy=_("Its version may be too old or too new."),
            detail=type(error).__name__,
        ) from error


def _container(told: Mapping[str, Any]) -> Container:
    check = told["Check"]
    has_check = isinstance(check, list) and check[:1] not in ([], [NO_CHECK])
    return Container(str(told["Service"]), str(told["State"]), str(told["Health"]), int(told["ExitCode"]), has_check)
