"""The snapshot that mail servers start from: a host with the images, set up once, whose filter is warm."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

from tests.lab.authority import lab_authority
from tests.lab.base import BUILD_LIMIT_S, base_folder, cache_folder, ensure_base, is_kept
from tests.lab.client import Client
from tests.lab.flavours import docker
from tests.lab.hosts import make_host
from tests.lab.mail.compose import ROOT, compose_file, environment_file
from tests.lab.mail.images import VERSIONS, image_store
from tests.lab.mail.stack import (
    ADDRESSES,
    COMPOSE,
    DOMAIN,
    FILES,
    HOST,
    KEPT,
    LOCAL_PART,
    SHELL_S,
    Stack,
    wait_for_engine,
)
from tests.lab.nodes.plan import RESOLVER

PASSWORD = "lab-admin-password"
SIZE: dict[str, Any] = {"memory_mb": 3072, "cpus": 2.0, "disk_mb": 8192}


@contextmanager
def running_stack(lab: Client, image: Path, name: str = HOST, ip: str = ADDRESSES[0], **order: Any) -> Iterator[Stack]:
    """A host from the snapshot; its engine starts the server by itself, which is healthy when this yields."""
    base = str(ensure_base(docker()))
    host = make_host(lab, name, ip=ip, base=base, image=str(image), resolver=RESOLVER, **{**SIZE, **order})
    try:
        with closing(Stack(host)) as stack:
            wait_for_engine(stack.shell)
            stack.wait_until_healthy()
            yield stack
    finally:
        lab.delete(name)


def snapshot_folder() -> Path:
    """Where the snapshot is, or will be; named after all it is made of, and how."""
    made = (base_folder(docker()).name, image_store().name, _files(), Path(__file__).read_text())
    return cache_folder() / f"stack-{sha256(repr(made).encode()).hexdigest()[:12]}"


def ensure_snapshot(lab: Client) -> Path:
    """Built when missing (a minute or two), on a host of this lab, whose DNS and registry must be there."""
    folder = snapshot_folder()
    if is_kept(folder):
        return folder
    base = str(ensure_base(docker()))
    with FileLock(f"{folder}.lock", timeout=BUILD_LIMIT_S):
        if not folder.exists():
            print(f"setting up a mail server for the lab in {folder} (a minute or two)", file=sys.stderr)
            fresh = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            _build(lab, base, fresh)
            fresh.rename(folder)
    return folder


def _build(lab: Client, base: str, folder: Path) -> None:
    name = "stack-to-be"
    pair = lab_authority().issue(HOST, *ADDRESSES)
    certificate = {f"{ROOT}/certs/cert.pem": pair.certificate, f"{ROOT}/certs/key.pem": pair.key}
    host = make_host(lab, name, base=base, resolver=RESOLVER, files={**_files(), **certificate}, **SIZE)
    try:
        with closing(Stack(host)) as stack:
            wait_for_engine(stack.shell)
            stack.shell.read(f"{COMPOSE} pull -q", SHELL_S)
            stack.shell.read(f"{COMPOSE} up -d", SHELL_S)
            stack.wait_until_healthy()
            stack.shell.read(f"{COMPOSE} exec -T admin flask mailu admin {LOCAL_PART} {DOMAIN} {PASSWORD}")
            stack.shell.read(f"cp {ROOT}/data/main.db {KEPT}")
            stack.reset()
            stack.shell.read("systemctl stop docker.socket docker containerd; sync", SHELL_S)
        lab.snapshot(name, name)
        lab.export(name, folder)
    finally:
        lab.delete(name)


def _files() -> dict[str, str]:
    """What the server is set up with. Its certificate is made anew for each snapshot, and not part of its name."""
    texts = dict(zip(FILES, (compose_file(VERSIONS[-1]), environment_file()), strict=True))
    return {f"{folder}/{name}": text for name, text in texts.items() for folder in (ROOT, KEPT)}
