"""``mailyard account token``: another token for an account, by the job of the window's *New token...*."""

from __future__ import annotations

import pytest

from app.cli.output import Exit
from tests.app.cli.command import Commands
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once


def replace_token(commands: Commands, emulator: Emulator, **options: object) -> str:
    typed = f"{options.pop('token', emulator.token)}\n"
    done = commands.run("account", "token", "Main", "--token-stdin", typed=typed, **options)  # type: ignore[arg-type]
    return done.out + done.err


def test_a_new_token_is_verified_and_a_wrong_one_leaves_a_way_back(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)

    said = replace_token(commands, emulator, token="dop_v1_wrong", code=Exit.FAILED)
    assert "refused the token" in said
    looked = commands.run("doctor", code=Exit.FAILED)
    assert "mailyard account token Main" in looked.out
    commands.run("jobs", "roll-back", commands.the_job()["id"][:8], "--yes")
    commands.run("account", "verify", "Main")

    replace_token(commands, emulator)
    assert [row["state"] for row in commands.asks("account", "list")] == ["verified"]
    assert "1 value" in commands.run("doctor").out


def test_a_new_token_of_nobody_or_none_is_refused(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)

    nobody = commands.run("account", "token", "Other", "--token-stdin", typed="x\n", code=Exit.NOT_FOUND)
    empty = commands.run("account", "token", "Main", "--token-stdin", code=Exit.USAGE)
    unasked = commands.run("account", "token", "Main", code=Exit.USAGE)

    assert "There is no account named Other." in nobody.err
    assert "The token is empty." in empty.err
    assert "--token-stdin" in unasked.err
