"""Images that stand in for Mailu's, under the real ones' names, in a registry's storage that is kept in the cache."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from tests.lab.base import BUILD_LIMIT_S, BaseFailed, base_folder, cache_folder, ensure_base, is_kept
from tests.lab.flavours import stand_ins
from tests.lab.lifetime import ROOT
from tests.lab.mail.oci import Image, Layer, layer_of_files, layer_of_root, push
from tests.lab.mail.sources import with_imported
from tests.lab.nodes.root_key import root_key
from tests.lab.nodes.zones import ROOT_HINTS
from tests.lab.waiting import connects, until

#: Two releases of one line, so that there is something to update to; the short name is the newer one's, and moves.
VERSIONS = ("2024.06.56", "2024.06.57")
MOVING = "2024.06"
HOME = "opt/lab"
#: Pushed first; all others have its layer, too.
FIRST = "library/redis"
STAND_INS = "tests/lab/standins"
REGISTRY_S = 20.0
SECOND = 1_000_000_000
LOOK_S = 5
FLASK = '#!/bin/sh\n[ "$1" = mailu ] && shift\nexec python3 -m tests.lab.standins.admin "$@"\n'
ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    f"PYTHONPATH=/{HOME}",
    "LANG=C.UTF-8",
    "TZ=Etc/UTC",
    *(f"{name.upper()}_ADDRESS={name}" for name in ("admin", "front", "imap", "smtp", "redis", "antispam", "webmail")),
)


@dataclass(frozen=True)
class StandIn:
    """An image: the module its container runs, how its health is asked for, and how long it may be ill at first."""

    name: str
    module: str
    health: str
    patience_s: int = 0

    @property
    def config(self) -> dict[str, object]:
        times = {"Interval": LOOK_S * SECOND, "StartPeriod": self.patience_s * SECOND}
        check = {"Test": ["CMD-SHELL", self.health], **times}
        command = ["python3", "-u", "-m", *f"tests.lab.standins.{self.module}".split()]
        return {"Cmd": command, "Env": list(ENVIRONMENT), "Healthcheck": check}


QUIET = "curl -m3 -skfLo /dev/null"
DOVECOT_LIVES = "kill -0 $(cat /run/dovecot/master.pid)"
ASKS_MACROS = "exec 3<>/dev/tcp/127.0.0.1/11343; echo PING >&3; grep -q PONG <&3"
MAILU = (
    StandIn("nginx", "front", f"{QUIET} http://127.0.0.1:10204/health && {DOVECOT_LIVES}", 60),
    StandIn("admin", "admin serve", f"{QUIET} http://localhost:8080/ping"),
    StandIn("dovecot", "imap", DOVECOT_LIVES),
    StandIn("postfix", "smtp", "! /usr/lib/postfix/sbin/master -t", 30),
    StandIn("rspamd", "antispam", f"{QUIET} http://localhost:11334/", 350),
    StandIn("unbound", "resolver", "dig @127.0.0.1 || exit 1"),
    StandIn("webmail", "webmail", f"{QUIET} http://localhost/ping"),
    StandIn("oletools", "macros", f"bash -c '{ASKS_MACROS}'", 60),
)
REDIS = {"Cmd": ["redis-server", "--protected-mode", "no", "--dir", "/data"], "Env": list(ENVIRONMENT[:1])}


def image_store() -> Path:
    """Where the images are, or will be: the storage folder of a registry."""
    return cache_folder() / f"images-{_digest()}"


def ensure_images() -> Path:
    """The storage with all images, built when missing (about half a minute, its base besides).

    :raises BaseFailed: something of it could not be built.
    """
    store = image_store()
    if is_kept(store):
        return store
    base = ensure_base(stand_ins())
    with FileLock(f"{store}.lock", timeout=BUILD_LIMIT_S):
        if not store.exists():
            print(f"building the lab's container images in {store} (about half a minute)", file=sys.stderr)
            fresh = store.with_name(f"{store.name}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            with _open_registry(fresh) as registry, tempfile.TemporaryDirectory() as folder:
                for image in _images(base, Path(folder)):
                    push(registry, image, like=FIRST)
            fresh.rename(store)
    return store


def _images(base: Path, folder: Path) -> Iterator[Image]:
    root = layer_of_root(base, folder / "root")
    yield Image(FIRST, ["alpine"], [root], REDIS)
    code = layer_of_files(_files(), folder / "code")
    for version in VERSIONS:
        tags = [version, MOVING] if version == VERSIONS[-1] else [version]
        mark = layer_of_files({"version": (f"{version}\n".encode(), 0o644)}, folder / version)
        yield from (_image(stand_in, [root, code, mark], version, tags) for stand_in in MAILU)


def _image(stand_in: StandIn, layers: list[Layer], version: str, tags: list[str]) -> Image:
    return Image(f"mailu/{stand_in.name}", tags, layers, {**stand_in.config, "Labels": {"version": version}})


def _files() -> dict[str, tuple[bytes, int]]:
    """The stand-ins' code and all of ours that it imports, as it lies here, and what a resolver must know of the lab's
    root.
    """
    paths = with_imported((ROOT / STAND_INS).rglob("*.py"))
    found = {f"{HOME}/{path.relative_to(ROOT)}": (path.read_bytes(), 0o644) for path in paths}
    found["usr/local/bin/flask"] = (FLASK.encode(), 0o755)
    found["etc/unbound/root.hints"] = (ROOT_HINTS.encode(), 0o644)
    found["etc/unbound/anchor"] = (root_key().anchor.encode(), 0o644)
    return found


def _digest() -> str:
    """Changes when anything changes that the images are made of."""
    made = [base_folder(stand_ins()).name, sorted(_files().items()), [each.config for each in MAILU], REDIS, VERSIONS]
    return sha256(repr(made).encode()).hexdigest()[:12]


@contextmanager
def _open_registry(storage: Path) -> Iterator[str]:
    """A registry on this machine's own loopback for as long as images are pushed; yields its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(storage)}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write(json.dumps(settings))
        file.flush()
        command = ["docker-registry", "serve", file.name]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                if not until(lambda: connects("127.0.0.1", port), REGISTRY_S):
                    raise BaseFailed("the registry for the lab's images does not answer")
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
