"""Container images without an engine: layers from folders and files, pushed to a registry.

Formats are those of Docker's image manifest version 2, schema 2; the calls those of its registry's API (version 2).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

CONFIG = "application/vnd.docker.container.image.v1+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
CREATED = "2026-01-01T00:00:00Z"
CHUNK = 1 << 20
QUICKEST = 1
PUSH_S = 300.0
CREATED_THERE = 201
#: Of a root: what a container gets from its engine.
LEFT_OUT = ("./dev/*", "./proc/*", "./sys/*", "./run/*", "./tmp/*", "./var/cache/apt/*", "./var/lib/apt/lists/*")


@dataclass(frozen=True)
class Layer:
    """A packed tar in ``file``; ``content`` is the digest of the tar itself."""

    file: Path
    digest: str
    content: str

    @property
    def size(self) -> int:
        return self.file.stat().st_size


@dataclass(frozen=True)
class Image:
    """``config`` is what a Dockerfile would say: Cmd, Env, Labels, Healthcheck, Volumes."""

    name: str
    tags: Sequence[str]
    layers: Sequence[Layer]
    config: Mapping[str, Any] = field(default_factory=dict)


def layer_of_root(root: Path, file: Path) -> Layer:
    """All of a root file system, with its owners and rights."""
    command = ["tar", "-C", str(root), "--numeric-owner", "--sort=name"]
    command += [f"--exclude={pattern}" for pattern in LEFT_OUT]
    with subprocess.Popen([*command, "-c", "."], stdout=subprocess.PIPE) as tar:
        assert tar.stdout is not None
        layer = _packed(tar.stdout, file)
    if tar.returncode != 0:
        raise OSError(f"tar of {root} failed")
    return layer


def layer_of_files(files: Mapping[str, tuple[bytes, int]], file: Path) -> Layer:
    """Files by their path in the image: contents and rights; all are root's."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for path, (content, rights) in sorted(files.items()):
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), rights
            archive.addfile(entry, io.BytesIO(content))
    raw.seek(0)
    return _packed(raw, file)


def push(registry: str, image: Image, like: str = "") -> None:
    """To the registry at this URL; layers that the image named ``like`` has there are not sent again."""
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "created": CREATED,
            "config": dict(image.config),
            "rootfs": {"type": "layers", "diff_ids": [layer.content for layer in image.layers]},
            "history": [{"created": CREATED} for _layer in image.layers],
        }
    ).encode()
    base = f"{registry}/v2/{image.name}"
    for layer in image.layers:
        _push_blob(base, layer.digest, layer.file.read_bytes(), like)
    _push_blob(base, _digest(config), config)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "size": len(config), "digest": _digest(config)},
        "layers": [{"mediaType": LAYER, "size": each.size, "digest": each.digest} for each in image.layers],
    }
    for tag in image.tags:
        _call("PUT", f"{base}/manifests/{tag}", json.dumps(manifest).encode(), MANIFEST)


def _push_blob(base: str, digest: str, content: bytes, like: str = "") -> None:
    known = f"?mount={digest}&from={like}" if like else ""
    status, place = _call("POST", f"{base}/blobs/uploads/{known}", b"")
    if status != CREATED_THERE:
        mark = "&" if "?" in place else "?"
        _call("PUT", f"{place}{mark}digest={digest}", content, "application/octet-stream")


def _call(method: str, url: str, content: bytes, kind: str = "") -> tuple[int, str]:
    """The answer's status, and where it says that things go on."""
    headers = {"Content-Type": kind} if kind else {}
    request = urllib.request.Request(url, content, headers, method=method)
    with urllib.request.urlopen(request, timeout=PUSH_S) as answer:
        return int(answer.status), str(answer.headers.get("Location", ""))


def _packed(source: BinaryIO | Any, file: Path) -> Layer:
    plain = hashlib.sha256()
    with file.open("wb") as target, gzip.GzipFile("", "wb", QUICKEST, target, mtime=0) as packed:
        while chunk := source.read(CHUNK):
            plain.update(chunk)
            packed.write(chunk)
    with file.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return Layer(file, f"sha256:{digest}", f"sha256:{plain.hexdigest()}")


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
