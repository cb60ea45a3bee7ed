"""Digests of what the files of a mail server say: which settings differ, and nothing of their values."""

from __future__ import annotations

import pytest

from backend.mail.files.digests import differing, digests_of, with_own

KEY = "SECRET_KEY=abcdefgh12345678\n"
ENV = f"# ours\n{KEY}DOMAIN=example.net\nAPI_TOKEN=CANARY-token\n"
COMPOSE = "services:\n  front: {image: front:1, ports: ['25:25']}\n  imap: {image: imap:1}\nnetworks: {default: {}}\n"
FRONT = ("compose: front image", "compose: front ports")
OVERRIDES = {"postfix/postfix.cf": "aa"}
BEFORE = digests_of(ENV, [COMPOSE], OVERRIDES)


@pytest.mark.parametrize(
    ("env", "compose", "overrides", "names"),
    [
        (ENV, COMPOSE, OVERRIDES, []),
        (f"\n{ENV}# a word\n", f"# a word\n{COMPOSE}", OVERRIDES, []),
        (f"DOMAIN=other.example\n{ENV}", COMPOSE, OVERRIDES, []),
        (f"{ENV}DOMAIN=other.example\n", COMPOSE, OVERRIDES, ["DOMAIN"]),
        (f"{ENV}WELCOME=true\n", COMPOSE, OVERRIDES, ["WELCOME"]),
        (ENV.replace("CANARY-token", "CANARY-other"), COMPOSE, OVERRIDES, ["API_TOKEN"]),
        (ENV, COMPOSE.replace("25:25", "2525:25"), OVERRIDES, ["compose: front ports"]),
        (ENV, COMPOSE.replace("  imap: {image: imap:1}\n", ""), OVERRIDES, ["compose: imap image"]),
        (ENV, COMPOSE, {"postfix/postfix.cf": "bb", "x": "c"}, ["overrides/postfix/postfix.cf", "overrides/x"]),
        (ENV, "no: [yaml", {}, ["compose: file 1", *FRONT, "compose: imap image", "compose: networks"]),
    ],
)
def test_what_differs_is_named(env: str, compose: str, overrides: dict[str, str], names: list[str]) -> None:
    found = differing(BEFORE, digests_of(env, [compose], overrides))

    assert [each for each in found if each in names or not each.startswith("overrides/") or overrides] == names


def test_the_secret_that_the_digests_are_keyed_with_is_named_alone() -> None:
    after = digests_of(f"{ENV}WELCOME=true\n".replace(KEY, "SECRET_KEY=another\n"), [COMPOSE], OVERRIDES)

    assert differing(BEFORE, after) == ["SECRET_KEY", "WELCOME"]


def test_no_value_can_be_tried_without_the_secret_and_without_one_none_is_kept() -> None:
    other = digests_of(ENV.replace(KEY, "SECRET_KEY=another\n"), [COMPOSE], OVERRIDES)
    bare = [digests_of(f"API_TOKEN={value}", [], {}) for value in ("one", "two")]

    assert BEFORE["API_TOKEN"] != other["API_TOKEN"]
    assert bare[0] == bare[1]


def test_what_a_job_of_ours_changed_is_accepted_and_what_others_changed_is_not() -> None:
    by_hand = digests_of(f"{ENV}WELCOME=true\n", [COMPOSE], OVERRIDES)
    ours = digests_of(f"{ENV}WELCOME=true\nPORTS=25\n".replace("CANARY-token", "new"), [COMPOSE], {})

    accepted = with_own(BEFORE, by_hand, ours)

    assert differing(accepted, ours) == ["WELCOME"]
    assert with_own(accepted, ours, ours) == accepted
