"""What a renewal leaves behind on the way: no connection, and the lines of others byte for byte."""

from __future__ import annotations

import threading
from datetime import timedelta

import paramiko
import pytest

from backend.core.ssh.keys import public_half
from backend.demo.fleet.host import AUTHORIZED
from tests.backend.servers.rotations import NewRotation, Rotation
from tests.installation import until


def connections() -> set[threading.Thread]:
    """Those that this side opened and that still stand."""
    return {
        each
        for each in threading.enumerate()
        if isinstance(each, paramiko.Transport) and each.is_active() and not each.server_mode
    }


def test_no_connection_stays_open(rotation: NewRotation) -> None:
    one, before = rotation(), connections()

    assert one.run() == ""

    until(lambda: connections() <= before, f"the connections to end: {connections() - before}")


#: What Python ends a line at and sshd does not (sshd reads to a line feed alone).
ODD = {
    "a vertical tab": "# one\x0bline\n",
    "a form feed": "# one\x0cline\n",
    "separators": "# one\x1cline\x1dof\x1ethree\n",
    "a next line": "# one\x85line\n",
    "a line separator": "# one\u2028line\u2029of three\n",
    "a carriage return alone": "# one\rline\n",
    "ends of Windows": "# one\r\n\r\n# and another\r\n",
    "empty lines": "\n\n# one\n\n",
    "no end": "# one",
}


def given(one: Rotation, others: str) -> None:
    """Ours stands first, so that what follows is as somebody left it."""
    one.host.files[AUTHORIZED] = f"{public_half(one.login())} mailyard\n{others}"


@pytest.mark.parametrize("others", ODD.values(), ids=ODD)
def test_lines_of_others_stay_byte_for_byte(rotation: NewRotation, others: str) -> None:
    one = rotation()
    given(one, others)

    assert one.run() == ""

    end = "" if others.endswith("\n") else "\n"  # a line of ours begins on a line of its own
    assert one.host.files[AUTHORIZED] == f"{others}{end}{public_half(one.login())} mailyard\n"


@pytest.mark.parametrize("others", ODD.values(), ids=ODD)
def test_a_line_that_is_removed_takes_nothing_of_others_along(rotation: NewRotation, others: str) -> None:
    one = rotation(24)
    before = public_half(one.login())
    one.run()
    after = public_half(one.login())
    one.host.files[AUTHORIZED] = f"{after} mailyard\n{before} mailyard\n{others}"

    one.used_for(timedelta(hours=25))
    assert one.run("end") == ""

    assert one.host.files[AUTHORIZED] == f"{after} mailyard\n{others}"
