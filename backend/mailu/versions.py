"""Patch releases of the one release of Mailu that Mailyard knows, and where a compose file names them.

Inside a release every version may be gone to and back from (docs/releases.rst).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.mailu.services import REGISTRY
from backend.mailu.settings import RELEASE, VERSION

_TAG = rf"{re.escape(RELEASE)}(?:\.\d+)?"
_IMAGE = rf"{re.escape(REGISTRY)}/[a-z0-9_-]+"
#: As Mailu's own setup writes them (setup/flavors/compose/docker-compose.yml), with variables around the defaults.
_WRITTEN = (
    rf"(?:{re.escape(REGISTRY)}|\$\{{DOCKER_ORG:-{re.escape(REGISTRY)}\}})/(?:\$\{{DOCKER_PREFIX:-\}})?[a-z0-9_-]+"
)
_WRITTEN_TAG = rf"(?:{_TAG}|\$\{{MAILU_VERSION:-{_TAG}\}})"
PATCH = re.compile(rf"{re.escape(RELEASE)}\.(\d{{1,5}})")
PINNED = re.compile(rf"({_IMAGE}):({_TAG})(?:@sha256:[0-9a-f]+)?")
#: The lines of a compose file that differ by the version: each image, and the head that Mailyard writes.
LINES = re.compile(
    rf"^(?P<image>\s*image:\s*[\"']?{_WRITTEN}:){_WRITTEN_TAG}(?:@sha256:[0-9a-f]+)?"
    rf"|^(?P<head># Written by Mailyard for Mailu )(?:{_TAG})",
    re.MULTILINE,
)


def check_upgrade(now: str, wanted: str) -> None:
    """:raises Refused: ``wanted`` is no version that a server with ``now`` can be upgraded to."""
    patch, before = _patch(wanted), _patch(now)
    if patch is None or before is None:
        raise Refused(
            _("Mailyard does not know Mailu {version}.").format(version=now if patch is not None else wanted),
            remedy=_("It upgrades inside release {release}.").format(release=RELEASE),
        )
    if patch < before:
        raise Refused(
            _("Mailu {version} is older than {now}, which is installed.").format(version=wanted, now=now),
            remedy=_("Mailyard does not go back to an older version; a failed upgrade goes back by itself."),
        )
    if patch == before:
        raise Refused(_("Mailu {version} is installed already.").format(version=wanted))


def is_outdated(version: str) -> bool:
    """Whether a newer patch release of the same release is known."""
    patch, newest = _patch(version), _patch(VERSION)
    return patch is not None and newest is not None and patch < newest


def versions_in(images: Iterable[str]) -> Sequence[str]:
    """The versions that Mailu's own images are pinned to, each once; the moving tag of the release is one, too."""
    return sorted({found[2] for image in images if (found := PINNED.fullmatch(image))})


def at_version(images: Iterable[str], version: str) -> Sequence[str]:
    """The same images, Mailu's own at ``version``."""
    return [PINNED.sub(rf"\1:{version}", image) for image in images]


def names_version(text: str) -> int:
    """How many images of a compose file :func:`with_version` would change."""
    return sum(line["image"] is not None for line in LINES.finditer(text))


def with_version(text: str, version: str) -> str:
    """A compose file at ``version``; every line that names none stays as it is."""
    return LINES.sub(lambda line: f"{line['image'] or line['head']}{version}", text)


def _patch(version: str) -> int | None:
    found = PATCH.fullmatch(version)
    return int(found[1]) if found is not None else None
