"""The key of Docker's package repository: one is believed, whatever else a server is handed in its place is refused."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from backend.core.errors import BadResponse, Refused
from backend.core.ssh.channel import Finished
from backend.demo.fleet.package_key import PACKAGE_KEY
from backend.mail.host.docker import KEY_PATH, install_docker
from backend.mail.host.signing_key import DOCKER_KEY, check_key, fingerprints
from tests.polls import Polls

pytestmark = pytest.mark.judged_once

#: As gpg 2.2 tells it.
FINGERPRINT = "C7F0E57B390AE8CF772EC2F84BAEFFEEFB11F736"
BINARY = base64.b64decode("".join(PACKAGE_KEY.splitlines()[2:-2]))
BODY = BINARY[2:0x35]
LONG = b"\x04" + bytes(300)


def armored(data: bytes) -> str:
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{text}-----END PGP PUBLIC KEY BLOCK-----\n"


class Server:
    """An SSH session to a server that is handed ``key``; what it was asked and what was written there."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.asked: list[str] = []
        self.written: dict[str, bytes] = {}

    def check(self, command: str, **_: object) -> str:
        self.asked.append(command)
        return self._key if command.startswith("curl ") else ""

    def run(self, command: str, **_: object) -> Finished:
        self.asked.append(command)
        return Finished(0, "", "")

    def put(self, path: str, content: bytes, **_: object) -> None:
        self.written[path] = content


def test_a_key_is_known_by_its_fingerprint() -> None:
    assert fingerprints(PACKAGE_KEY) == [FINGERPRINT]
    check_key(PACKAGE_KEY, FINGERPRINT)


@pytest.mark.parametrize(
    "data",
    [
        bytes((0x99,)) + len(BODY).to_bytes(2, "big") + BODY,
        bytes((0x9A,)) + len(BODY).to_bytes(4, "big") + BODY,
        bytes((0xC6, len(BODY))) + BODY,
        bytes((0xC6, 255)) + len(BODY).to_bytes(4, "big") + BODY,
    ],
)
def test_it_is_the_same_key_however_its_length_is_written(data: bytes) -> None:
    assert fingerprints(armored(data)) == [FINGERPRINT]


def test_a_length_of_two_octets_is_read_as_gpg_reads_it(tmp_path: Path) -> None:
    """Of the new form: 192 and more."""
    rest = len(LONG) - 192
    by_two = bytes((0xC6, 192 + (rest >> 8), rest & 0xFF)) + LONG
    by_old = bytes((0x99,)) + len(LONG).to_bytes(2, "big") + LONG

    assert fingerprints(armored(by_two)) == fingerprints(armored(by_old))


@pytest.mark.skipif(shutil.which("gpg") is None, reason="needs gpg")
@pytest.mark.parametrize("kind", ["rsa3072", "ed25519"])
def test_keys_that_gpg_makes_have_the_fingerprints_that_gpg_tells(tmp_path: Path, kind: str) -> None:
    def gpg(*arguments: str) -> str:
        command = ["gpg", "--homedir", str(tmp_path), "--batch", "--quiet", "--passphrase", "", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    tmp_path.chmod(0o700)
    try:
        gpg("--pinentry-mode", "loopback", "--quick-generate-key", "packages@example.org", kind, "sign", "never")
        told = [line.split(":")[9] for line in gpg("--with-colons", "--fingerprint").splitlines() if "fpr" in line]
        assert fingerprints(gpg("--armor", "--export")) == told
    finally:
        subprocess.run(["gpgconf", "--homedir", str(tmp_path), "--kill", "all"], capture_output=True)


def others() -> Sequence[str]:
    another = bytes((0x98, len(BODY))) + BODY[:-1] + bytes((BODY[-1] ^ 1,))
    return (armored(another), armored(BINARY + another), armored(BINARY[0x35:]))


@pytest.mark.parametrize("key", others(), ids=["another", "one more", "none"])
def test_another_key_or_one_more_is_refused_and_nothing_is_written(key: str) -> None:
    server = Server(key)

    with pytest.raises(Refused) as refused:
        install_docker(server, "debian", "bookworm", FINGERPRINT, Polls())  # type: ignore[arg-type]

    assert refused.value.remedy.startswith("Nothing was installed.")
    assert (server.written, len(server.asked)) == ({}, 1)


@pytest.mark.parametrize(
    "key",
    ["", "<html>Please log in</html>", PACKAGE_KEY + PACKAGE_KEY, armored(BINARY[:40]), armored(b"\x04" * 9), "\x00"],
)
def test_what_is_no_key_is_told_as_no_key(key: str) -> None:
    with pytest.raises(BadResponse) as told:
        check_key(key, FINGERPRINT)

    assert told.value.remedy


def test_the_right_key_is_written_whole_before_any_package_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(PACKAGE_KEY)
    monkeypatch.setattr("backend.mail.host.docker.has_docker", lambda _ssh: True)

    install_docker(server, "debian", "bookworm", FINGERPRINT, Polls())  # type: ignore[arg-type]

    assert server.written == {KEY_PATH: PACKAGE_KEY.encode()}
    assert any("docker-ce" in command for command in server.asked[2:])


def test_a_live_installation_believes_dockers_own() -> None:
    with pytest.raises(Refused):
        check_key(PACKAGE_KEY, DOCKER_KEY)
