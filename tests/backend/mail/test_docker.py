"""What Docker says of a project's containers: which of them are well, and which say nothing of it yet."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from backend.core.errors import BadResponse, CommandFailed, HostUnreachable
from backend.mail.host.docker import ComposeProject, containers_in
from tests.backend.mail.scripts import SECONDS, Shell, wait_for_waiting

CHECK = ["CMD-SHELL", "curl -f http://localhost/health"]


def told(**changes: Any) -> str:
    base = {"Service": "imap", "State": "running", "Health": "healthy", "Check": CHECK, "ExitCode": 0}
    return json.dumps(base | changes) + "\n"


@pytest.mark.parametrize(
    ("changes", "is_well"),
    [
        ({}, True),
        ({"Health": "", "Check": None}, True),
        ({"Health": "", "Check": ["NONE"]}, True),
        ({"Health": "", "Check": []}, True),
        ({"Health": ""}, False),
        ({"Health": "starting"}, False),
        ({"Health": "unhealthy"}, False),
        ({"State": "restarting"}, False),
        ({"State": "exited", "Check": None}, False),
    ],
    ids=[
        "healthy",
        "its image has no check",
        "its image takes the check of another away",
        "its image names none",
        "it has a check that has not begun",
        "its check has begun",
        "ill",
        "it starts again",
        "it ended",
    ],
)
def test_a_container_with_a_check_is_well_only_when_that_says_so(changes: dict[str, Any], is_well: bool) -> None:
    (container,) = containers_in(told(**changes))

    assert container.is_well is is_well


@pytest.mark.parametrize("said", ["nothing", "[]\n", "{}\n", told(ExitCode="x")])
def test_what_is_no_list_of_containers_is_told(said: str) -> None:
    with pytest.raises(BadResponse, match="could not be read"):
        containers_in(said)


UNREADABLE = 'failed to read mailu.env: line 3: unterminated quoted value "CANARY-5c'


class Failing:
    """A server whose compose fails at these commands, in words of its own."""

    def __init__(self, *commands: str, said: str = UNREADABLE) -> None:
        self._commands = commands
        self._said = said

    def check(self, command: str, **_more: Any) -> str:
        if any(each in command for each in self._commands):
            raise CommandFailed("A command failed.", exit_code=15, detail=f"{command}: exit 15: {self._said}")
        return ""


ACTS: dict[str, Callable[[ComposeProject], object]] = {
    "config -q": lambda project: project.check(),
    "config --format json": lambda project: project.described(),
    "config --images": lambda project: project.images(),
    "up -d": lambda project: project.up(),
    "down": lambda project: project.down(removes=True),
    "restart": lambda project: project.restart("admin"),
    "exec -T": lambda project: project.execute("admin", ("true",)),
}


@pytest.mark.parametrize("command", ACTS)
def test_a_line_that_compose_cannot_read_is_not_told_for_it_may_be_a_secret(command: str) -> None:
    project = ComposeProject(cast("Any", Failing("config", command)), "mailu", ("/srv/mailu/docker-compose.yml",))

    with pytest.raises(CommandFailed, match="The compose file of the mail server could not be read") as failed:
        ACTS[command](project)

    told, under = failed.value, failed.value.__context__
    assert "CANARY" not in repr((told.title, told.remedy, told.detail, told.args, under))
    assert (told.exit_code, "docker compose config" in told.remedy) == (15, True)


def test_of_files_that_can_be_read_compose_says_itself_what_failed() -> None:
    project = ComposeProject(cast("Any", Failing("up -d")), "mailu", ("/srv/mailu/docker-compose.yml",))

    with pytest.raises(CommandFailed, match="A command failed") as failed:
        project.up()

    assert "exit 15" in failed.value.detail


CHANGES: tuple[Callable[[ComposeProject], None], ...] = (
    lambda project: project.up(),
    lambda project: project.down(removes=False),
    lambda project: project.restart("front"),
)


@pytest.mark.parametrize("change", CHANGES, ids=["up", "down", "restart"])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?", HostUnreachable),
        ("error during connect: Get http://docker/v1.47/containers/json: EOF", HostUnreachable),
        ("no such service: front", CommandFailed),
    ],
)
def test_an_engine_that_starts_again_is_waited_for(
    change: Callable[[ComposeProject], None], said: str, expected: type[Exception]
) -> None:
    with pytest.raises(expected) as failed:
        change(
            ComposeProject(
                cast(Any, Failing("up -d", "down", "restart", said=said)), "mailu", ["/opt/mailu/docker-compose.yml"]
            )
        )

    assert cast(Any, failed.value).retryable is (expected is HostUnreachable)


@pytest.mark.parametrize("change", CHANGES, ids=["up", "down", "restart"])
def test_a_change_waits_for_one_whose_connection_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[ComposeProject], None]
) -> None:
    """Two that make the containers of one project each take the other's names."""
    import fcntl

    path, did = tmp_path / "lock/compose", tmp_path / "did"
    path.parent.mkdir()
    monkeypatch.setattr("backend.mail.host.docker.lock_of", lambda _project: str(path))
    fake = tmp_path / "docker"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {shlex.quote(str(did))}\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    project = ComposeProject(cast("Any", Shell()), "mailu", ("/opt/mailu/docker-compose.yml",))
    with ThreadPoolExecutor(1) as pool:
        with path.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            changed = pool.submit(change, project)
            wait_for_waiting(path)
            assert not did.exists()
        changed.result(SECONDS)

    assert len(did.read_text().splitlines()) == 1
