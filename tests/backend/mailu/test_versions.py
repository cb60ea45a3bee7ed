"""Versions of Mailu: which may be gone to, and the lines of a compose file that name them."""

from __future__ import annotations

import pytest

from backend.core.errors import Refused
from backend.mailu.compose import compose_text
from backend.mailu.settings import MailSettings
from backend.mailu.versions import (
    at_version,
    check_upgrade,
    is_outdated,
    names_version,
    versions_in,
    with_version,
)

OLD, NEW = "2024.06.9", "2024.06.57"
IMAGE = "ghcr.io/mailu/admin"


def at(version: str) -> str:
    return compose_text(MailSettings("mx1.example.net", "example.net", "my20261201", version))


def test_what_was_rendered_at_one_version_becomes_what_is_rendered_at_the_other() -> None:
    assert with_version(at(OLD), NEW) == at(NEW)
    assert with_version(at(NEW), NEW) == at(NEW)
    assert names_version(at(OLD)) == 8


@pytest.mark.parametrize(
    "line",
    [
        f"    image: {IMAGE}:{OLD}",
        f"    image: '{IMAGE}:{OLD}'",
        f'image: "{IMAGE}:2024.06"',
        f"    image: {IMAGE}:{OLD}@sha256:{'0a' * 32}",
        "    image: ${DOCKER_ORG:-ghcr.io/mailu}/${DOCKER_PREFIX:-}admin:${MAILU_VERSION:-2024.06}",
    ],
)
def test_an_image_is_pinned_however_its_line_was_written(line: str) -> None:
    changed = with_version(f"{line}  # ours\n", NEW)

    assert changed.rstrip().endswith("  # ours")
    assert f"admin:{NEW}" in changed
    assert "sha256" not in changed
    assert "MAILU_VERSION" not in changed


@pytest.mark.parametrize(
    "line",
    [
        "    image: redis:alpine",
        "    image: clamav/clamav-debian:1.4",
        f"    # image: {IMAGE}:{OLD}",
        f"    image: example.net/mailu/admin:{OLD}",
        f"    image: {IMAGE}:2.0",
        f"    command: {IMAGE}:{OLD}",
    ],
)
def test_every_other_line_stays_as_it_is(line: str) -> None:
    assert with_version(line, NEW) == line


def test_images_of_others_have_no_version_of_mailu() -> None:
    images = [f"{IMAGE}:{OLD}", "redis:alpine", "ghcr.io/mailu/nginx:2024.06"]
    assert versions_in(images) == ["2024.06", OLD]
    assert at_version(images, NEW) == [f"{IMAGE}:{NEW}", "redis:alpine", f"ghcr.io/mailu/nginx:{NEW}"]


def test_patch_releases_are_numbers() -> None:
    check_upgrade(OLD, NEW)
    assert is_outdated(OLD)
    assert not is_outdated(NEW)
    assert not is_outdated("2.0")
    with pytest.raises(Refused, match="is older than"):
        check_upgrade(NEW, OLD)
    with pytest.raises(Refused, match="does not know Mailu"):
        check_upgrade("2.0", NEW)
