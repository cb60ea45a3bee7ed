"""The password of the login, asked of the system's own PAM with a service of the test."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

from backend.core import login_password, pam
from backend.core.errors import Refused
from backend.core.login_password import PamLogin
from backend.core.secrets.redactor import redactor
from backend.core.secrets.values import Secret

WORDS = "canary words of the login"
#: PAM hands over what was typed with a zero byte behind it.
SCRIPT = f"""#!/bin/sh
test "$(tr -d '\\000')" = "{WORDS}"
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="PAM is of Linux")


def reads_other_folders() -> bool:
    """Whether Linux-PAM is there and takes a service that the system does not have."""
    try:
        return hasattr(ctypes.CDLL(pam.LIBRARY), "pam_start_confdir")
    except OSError:
        return False


@pytest.fixture
def login(tmp_path: Path) -> PamLogin:
    if not reads_other_folders():
        pytest.skip(f"{pam.LIBRARY} lacks pam_start_confdir here (Linux-PAM before 1.4): the test has no service")
    script = tmp_path / "check"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    services = tmp_path / "services"
    services.mkdir()
    (services / "mailyard").write_text(f"auth required pam_exec.so quiet expose_authtok {script}\n")
    return PamLogin("mailyard", services)


def test_the_right_one_is_taken_and_nothing_watches_for_it_afterwards(login: PamLogin) -> None:
    login.check(Secret(WORDS))

    assert redactor.redact(WORDS) == WORDS


@pytest.mark.parametrize("words", ["", "another one", f"{WORDS} "])
def test_any_other_one_is_refused(login: PamLogin, words: str) -> None:
    with pytest.raises(Refused, match="not the password of your login"):
        login.check(Secret(words))


def test_a_service_that_is_not_there_takes_nobody(login: PamLogin) -> None:
    with pytest.raises(Refused):
        PamLogin("other", login.folder).check(Secret(WORDS))


@pytest.mark.parametrize("lacking", ["library", "service"])
def test_a_computer_without_a_way_says_so(login: PamLogin, monkeypatch: pytest.MonkeyPatch, lacking: str) -> None:
    monkeypatch.setattr(pam, "LIBRARY", "libpam-that-is-not-there.so.0")
    monkeypatch.setattr(login_password, "FOLDERS", ())

    with pytest.raises(Refused, match="cannot be checked") as caught:
        (login if lacking == "library" else PamLogin()).check(Secret(WORDS))

    assert "passphrase" in caught.value.remedy


def test_whether_a_login_can_be_checked_is_known_before_anybody_is_asked(
    login: PamLogin, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert login.is_there

    with monkeypatch.context() as patch:
        patch.setattr(login_password, "FOLDERS", ())
        assert not PamLogin().is_there
    with monkeypatch.context() as patch:
        patch.setattr(pam, "LIBRARY", "libpam-that-is-not-there.so.0")
        assert not login.is_there


def test_who_has_no_name_has_no_login(login: PamLogin, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that is started with a number of its own."""
    monkeypatch.setattr(os, "geteuid", lambda: 2**31 - 7)

    assert not login.is_there
    with pytest.raises(Refused, match="cannot be checked"):
        login.check(Secret(WORDS))
