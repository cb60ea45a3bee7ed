"""Keys as OpenSSH's own tools see them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backend.core.ssh.keys import fingerprint, md5_fingerprint, new_key_pair, public_half


@pytest.mark.parametrize(("kind", "named"), [("sha256", fingerprint), ("md5", md5_fingerprint)])
def test_fingerprints_are_those_of_ssh_keygen(tmp_path: Path, kind: str, named: object) -> None:
    assert callable(named)
    pair = new_key_pair()
    (tmp_path / "key.pub").write_text(f"{pair.public} comment\n")

    command = ["ssh-keygen", "-l", "-E", kind, "-f", str(tmp_path / "key.pub")]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]

    assert named(pair.public) == shown.removeprefix("MD5:")


def test_the_public_half_is_the_one_openssh_finds_in_the_private_key(tmp_path: Path) -> None:
    pair = new_key_pair()
    path = tmp_path / "key"
    path.write_text(pair.private.reveal())
    path.chmod(0o600)

    found = subprocess.run(["ssh-keygen", "-y", "-f", str(path)], check=True, capture_output=True, text=True).stdout

    assert found.split()[:2] == pair.public.split() == public_half(pair.private).split()


def test_no_two_pairs_are_the_same_and_none_prints_its_private_key() -> None:
    one, two = new_key_pair(), new_key_pair()

    assert one.public != two.public
    assert one.private.reveal() not in repr(one)
    assert one.private.reveal().splitlines()[1] not in repr(one)
