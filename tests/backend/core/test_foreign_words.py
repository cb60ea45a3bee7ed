"""What stays of another service's words on their way to a log."""

from __future__ import annotations

import time

import pytest

from backend.core.secrets.foreign_words import MOST_READ, foreign_words
from backend.core.secrets.values import Secret

pytestmark = pytest.mark.judged_once


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("denied for olga.p+x@agency.example today", "denied for ••• today"),
        ("Authorization: Bearer dop_v1_0f8fad5bd9cb", "Authorization: Bearer •••"),
        ('{"root_pass":"hunter2!","x":1}', '{"root_pass":"•••","x":1}'),
        ('{"root_pass": "two words, and more", "x": 1}', '{"root_pass": "•••", "x": 1}'),
        ("""{"root_pass":"it's mine","x":1}""", '{"root_pass":"•••","x":1}'),
        ("""{'root_pass': 'say "yes", then}', 'x': 1}""", "{'root_pass': '•••', 'x': 1}"),
        (r'{"root_pass":"a \" b \\\\","x":"y z"}', '{"root_pass":"•••","x":"y z"}'),
        (r'{"sent":"{\"root_pass\":\"two words\",\"x\":1}"}', r'{"sent":"{\"root_pass\":\"•••\",\"x\":1}"}'),
        (r'{"sent":"{\"root_pass\":\"a \\\" b\",\"x\":1}"}', r'{"sent":"{\"root_pass\":\"•••\",\"x\":1}"}'),
        ('{"root_pass":"two words that are cut', '{"root_pass":"•••'),
        ('{"x": 1, "secrets": ["a] b", "more"]}', '{"x": 1, "secrets": •••'),
        ('{"x": 1, "credential": {"user": {"id": 1}, "key": "two words"}}', '{"x": 1, "credential": •••'),
        ('{"tokens": [], "x": 1}', '{"tokens": •••, "x": 1}'),
        (r"you sent password=a\b today", "you sent password=••• today"),
        ('password = "two words" is refused', 'password = "•••" is refused'),
        ("you sent password=it's&region=fra1", "you sent password=•••&region=fra1"),
        ('{"said":"password=hunter2"}', '{"said":"password=•••"}'),
        ("you sent api_key=abc123&region=fra1", "you sent api_key=•••&region=fra1"),
        ("see https://olga:pw@proxy.example/x", "see https://•••@proxy.example/x"),
        ("key AKIAIOSFODNN7EXAMPLE is disabled", "key ••• is disabled"),
        ("token 64f1aa0b9c8d7e6f5a4b3c2d1e0f is unknown", "token ••• is unknown"),
        ("Encoded authorization failure message: " + "aZ9_-" * 60, "Encoded authorization failure message: •••"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----!", "•••!"),
        ("-----BEGIN RSA PRIVATE KEY-----\nb3Bl", "•••"),
    ],
)
def test_what_is_shaped_like_a_secret_or_names_somebody_is_masked(said: str, kept: str) -> None:
    assert foreign_words(said, 300) == kept


@pytest.mark.parametrize(
    "said",
    [
        "root_pass: Password does not meet complexity requirements",
        "Label must be unique among your Cloud Firewalls",
        "password: must be at least 11 letters; token: is not valid",
        "server 0b8a2f4e-6f0f-4c63-9a0c-1d2e3f4a5b6c is locked",
        "instance us-east-1/i-0123456789abcdef0 does not exist, image ami-0abcdef1234567890",
        "User: arn:aws:iam::111122223333:user/mailyard is not authorized to perform: ec2:DescribeImages",
        "InvalidParameterCombination.VeryLongNameOfACode, plan vc2-1c-1gb-sc1, mailyard-0a1b2c3d",
        "assignments[0].address: All IPs and Linodes must exist in this Region",
        "",
    ],
)
def test_what_a_person_needs_to_read_stays(said: str) -> None:
    assert foreign_words(said, 300) == said


def test_known_secrets_are_masked_before_anything_is_cut() -> None:
    value = Secret("canary secret with blanks 4711").reveal()

    assert foreign_words(f"x{value}", 10) == "x•••"
    assert "canary" not in foreign_words(f"{'x' * 290}{value}", 300)


def test_a_known_secret_that_lies_across_the_end_of_what_is_read_is_masked() -> None:
    value = Secret("canary secret with blanks 4712").reveal()
    much = "password=" + "x" * (MOST_READ - len("password=") - 10) + " "

    assert foreign_words(f"{much}{value}", 300) == "password=••• •••"


def test_an_endless_text_is_read_in_part_and_cut() -> None:
    assert len(foreign_words("word " * 10 * MOST_READ, 300)) == 300


@pytest.mark.parametrize(
    "part", ["a-token-", "token=", "password  ", "\\", 'secret="', "secret={", "-----BEGIN KEY-----"]
)
def test_no_text_takes_long(part: str) -> None:
    began = time.process_time()
    foreign_words(part * (MOST_READ // len(part)), 300)

    assert time.process_time() - began < 1
