"""The look at a Mailu that is there: Docker's labels lead to its files, compose tells what they say. One script reads,
nothing is written.

Labels of https://docs.docker.com/compose (com.docker.compose.project, .service, .project.config_files,
.project.working_dir); Mailu's images carry the label ``version``, and a file /version (release 2024.06).
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.core.errors import BadResponse, Refused
from backend.core.present.text import _
from backend.core.unreadable import UNREADABLE

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession

LIMIT_S = 240.0
#: Without them it is no mail server.
NEEDED = frozenset({"admin", "front", "imap", "smtp"})

_SCRIPT = r"""
import json, os, subprocess, sys
# look for a Mailu that is there
def out(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
def label(container, name):
    return (container["Config"].get("Labels") or {}).get(name, "")
def composed(container, name):
    return label(container, "com.docker.compose." + name)
def text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None
def below(folder):
    for place, _folders, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            yield [os.path.relpath(path, folder), os.lstat(path).st_size]
def project_of(admin, siblings):
    files = [each for each in composed(admin, "project.config_files").split(",") if each]
    words = [word for each in files for word in ("-f", each)]
    mounts = {each["Destination"]: each.get("Source", "") for each in admin.get("Mounts") or []}
    root = os.path.dirname(mounts.get("/data", ""))
    is_on = admin["State"]["Status"] == "running"
    version = label(admin, "version") or (is_on and out("docker", "exec", admin["Id"], "cat", "/version")) or ""
    return {
        "project": composed(admin, "project"), "files": files, "root": root, "version": version.strip(),
        "folder": composed(admin, "project.working_dir"),
        "config": out("docker", "compose", "-p", composed(admin, "project"), *words, "config", "--format", "json"),
        "texts": {each: text(each) for each in files},
        "env": dict(each.partition("=")[::2] for each in admin["Config"].get("Env") or []) if is_on else None,
        "overrides": sorted(below(os.path.join(root, "overrides"))) if root else [],
        "containers": sorted(
            [composed(each, "service"), each["Config"]["Image"], each["State"]["Status"]] for each in siblings
        ),
    }
listed = out("docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", "label=com.docker.compose.service")
found = json.loads(out("docker", "inspect", *listed.split()) or "[]") if listed and listed.split() else []
found = [each for each in found if composed(each, "oneoff") != "True"]
projects = []
for admin in [each for each in found if composed(each, "service") == "admin"]:
    siblings = [each for each in found if composed(each, "project") == composed(admin, "project")]
    projects.append(project_of(admin, siblings))
print(json.dumps({"has_docker": listed is not None, "projects": projects}))
"""


@dataclass(frozen=True)
class Seen:
    """What one compose project told. ``config`` is compose's own description of it, ``env`` what the admin container
    was started with, None where it does not run: with secrets, at the wire only. ``containers`` are service, image and
    state; ``overrides`` paths and sizes.
    """

    project: str
    files: tuple[str, ...]
    env_file: str
    root: str
    version: str
    config: str = field(repr=False)
    env: Mapping[str, str] | None = field(repr=False)
    overrides: tuple[tuple[str, int], ...]
    containers: tuple[tuple[str, str, str], ...]

    @property
    def stamp(self) -> str:
        """Another one when a setting, a file beside it, or the version that runs is another one."""
        told = (self.project, self.files, self.env_file, self.version, self.config, self.overrides)
        return hashlib.sha256(repr(told).encode()).hexdigest()


def look(ssh: SshSession) -> Seen:
    """The one Mailu on the server.

    :raises Refused: there is none, or more than one, or it is not one that Mailyard could work with.
    :raises SshError: the server could not be asked.
    :raises BadResponse: it answered with something else.
    """
    said = ssh.check(f"python3 -c {shlex.quote(_SCRIPT)}", timeout_s=LIMIT_S)
    try:
        told = json.loads(said)
        found = [each for each in told["projects"] if {name for name, *_rest in each["containers"]} >= NEEDED]
        has_docker = bool(told["has_docker"])
    except UNREADABLE as error:
        raise _odd(error) from error
    if not found:
        raise Refused(
            _("No Mailu was found on this server.") if has_docker else _("Docker does not answer on this server."),
            remedy=_("Mailyard looks for containers of Mailu that docker compose started."),
        )
    if len(found) > 1:
        names = ", ".join(sorted(str(each["project"]) for each in found))
        raise Refused(
            _("More than one Mailu was found: {names}.").format(names=names),
            remedy=_("Mailyard works with one mail server on a server. Remove the containers of the others."),
        )
    try:
        return _seen(found[0])
    except UNREADABLE as error:
        raise _odd(error) from error


def _seen(told: Mapping[str, Any]) -> Seen:
    files = tuple(str(each) for each in told["files"])
    if not files or told["config"] is None or not told["root"]:
        raise Refused(
            _("The files of the Mailu there cannot be read by docker compose."),
            remedy=_("They may have been moved since it was started: docker compose ls names them."),
        )
    folder = posixpath.dirname(files[0])
    if posixpath.normpath(told["folder"] or folder) != folder:
        raise Refused(
            _("Its compose project was started in {other}, and its file lies in {folder}.").format(
                other=told["folder"], folder=folder
            ),
            remedy=_("Start it once from the folder of its file, then look again."),
        )
    return Seen(
        project=str(told["project"]),
        files=files,
        env_file=_env_file([text for text in told["texts"].values() if text], folder),
        root=str(told["root"]),
        version=str(told["version"]),
        config=str(told["config"]),
        env=told["env"],
        overrides=tuple((str(path), int(size)) for path, size in told["overrides"]),
        containers=tuple((str(name), str(image), str(state)) for name, image, state in told["containers"]),
    )


def _env_file(texts: Sequence[str], folder: str) -> str:
    """What the compose files give to admin, all of them together: each a path, a list of them, or a list of objects.

    :raises Refused: it names none, or several: then nobody could say which line counts.
    """
    import yaml

    named = list[object]()
    for text in texts:
        try:
            node = (yaml.safe_load(text) or {}).get("services", {}).get("admin") or {}
        except (yaml.YAMLError, *UNREADABLE) as error:
            raise _odd(error) from error
        named += _listed(node.get("env_file"))
    paths = list(dict.fromkeys(each.get("path") if isinstance(each, dict) else each for each in named))
    if len(paths) != 1 or not isinstance(paths[0], str):
        raise Refused(
            _("Its settings do not lie in one env file."),
            remedy=_("Mailyard works with one mailu.env for all containers."),
        )
    return posixpath.normpath(posixpath.join(folder, paths[0]))


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _odd(error: Exception) -> BadResponse:
    return BadResponse(
        _("What the server told of its Mailu could not be read."),
        remedy=_("Look at it over SSH: docker compose ls."),
        detail=type(error).__name__,
    )
