"""What is written for a Mailu: the same files for the same settings, whole, and as Mailu and compose read them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.core.errors import Refused
from backend.core.secrets.values import Secret
from backend.mailu.environment import MailSecrets, env_line
from backend.mailu.files import COMPOSE_PATH, ENV_PATH, postfix_path, render
from backend.mailu.services import ROOT
from backend.mailu.settings import MailSettings, SmartHost, check_settings

GOLDEN = Path(__file__).with_name("golden")
PLAIN = MailSettings("mx1.example.net", "example.net", "my20261201")
SMART_HOST = SmartHost("relay.example.org", 465, "agency", "smtp/agency/relay", tls="tls")
CASES = {
    "plain": PLAIN,
    "small": dataclasses.replace(PLAIN, webmail="none", scans_macros=False, ports=(25, 80, 443, 465, 993)),
    "large": dataclasses.replace(
        PLAIN, has_antivirus=True, other_names=("mail.client.example",), subnet="10.9.0.0/16", smart_host=SMART_HOST
    ),
}
SECRETS = MailSecrets(Secret("0123456789abcdef"), Secret("token-of-the-api"), Secret("pa$$ word #1"))


def written(settings: MailSettings) -> dict[str, str]:
    return {file.path: file.content.reveal() for file in render(settings, SECRETS) if file.content is not None}


def compose_of(settings: MailSettings) -> Any:
    return yaml.safe_load(written(settings)[COMPOSE_PATH])


def env_of(settings: MailSettings) -> dict[str, str]:
    lines = written(settings)[ENV_PATH].splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", CASES)
def test_the_files_are_those_that_were_looked_at(name: str) -> None:
    """To look at other ones: write them to the folder, and read the difference."""
    for path, content in written(CASES[name]).items():
        golden = GOLDEN / name / Path(path).name
        assert content == golden.read_text(), golden


def test_the_file_with_secrets_is_for_its_owner_alone() -> None:
    modes = {file.path: file.mode for file in render(PLAIN, SECRETS)}

    assert modes[ENV_PATH] == 0o600
    for path, content in written(PLAIN).items():
        assert (SECRETS.api_token.reveal() in content) == (path == ENV_PATH)


@pytest.mark.parametrize("name", CASES)
def test_every_image_is_pinned_and_every_service_in_the_file_has_its_folders(name: str) -> None:
    settings = CASES[name]
    services = compose_of(settings)["services"]

    for service in services.values():
        image, _colon, tag = service["image"].rpartition(":")
        assert tag == (settings.mailu_version if image.startswith("ghcr.io/mailu/") else tag)
        assert tag not in ("", "latest")
        assert all(volume.startswith(f"{ROOT}/") for volume in service.get("volumes", ()))
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)


def test_what_listens_is_what_is_published() -> None:
    published = compose_of(CASES["small"])["services"]["front"]["ports"]

    assert published == [f"0.0.0.0:{port}:{port}" for port in (25, 80, 443, 465, 993)]
    assert env_of(CASES["small"])["PORTS"] == "25,80,443,465,993"
    assert "587" in env_of(PLAIN)["PORTS"].split(",")


def test_containers_ask_the_resolver_at_the_address_it_has() -> None:
    services = compose_of(CASES["large"])["services"]

    assert services["resolver"]["networks"]["default"]["ipv4_address"] == "10.9.255.254"
    assert services["admin"]["dns"] == ["10.9.255.254"]
    assert env_of(CASES["large"])["AUTH_RATELIMIT_EXEMPTION"] == "10.9.0.1/32"


def test_a_smart_host_is_spoken_to_in_tls_alone() -> None:
    env, files = env_of(CASES["large"]), written(CASES["large"])

    assert env["RELAYHOST"] == "[relay.example.org]:465"
    assert env["RELAYPASSWORD"] == "'pa$$ word #1'"
    assert env["OUTBOUND_TLS_LEVEL"] == "encrypt"
    assert files[postfix_path("/mailu")] == "smtp_tls_wrappermode = yes\n"
    assert postfix_path("/mailu") not in written(PLAIN)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("plain-1.2_3", "K=plain-1.2_3"),
        ("", "K="),
        ("two words", "K='two words'"),
        ("pa$word", "K='pa$word'"),
        ('"quoted"', "K='\"quoted\"'"),
        ("a #b", "K='a #b'"),
        ("Größe", "K='Größe'"),
        ("back\\slash", "K='back\\slash'"),
    ],
)
def test_compose_reads_a_value_as_it_was_meant(value: str, line: str) -> None:
    assert env_line("K", value) == line


@pytest.mark.parametrize("value", ["it's", "two\nlines", "zero\0byte", "a\rb"])
def test_a_value_that_no_such_file_can_hold_is_refused(value: str) -> None:
    with pytest.raises(Refused):
        env_line("K", value)


@pytest.mark.parametrize(
    "change",
    [
        {"host_name": "mx1"},
        {"domain": "example..net"},
        {"domain": "-a.example.net"},
        {"other_names": ("a b.example",)},
        {"admin": "Admin"},
        {"admin": "a'b"},
        {"dkim_selector": "my_2026"},
        {"mailu_version": "2024.06"},
        {"mailu_version": "1.9.1"},
        {"ports": (25, 80, 443, 465)},
        {"ports": (22, 25, 80, 443, 465, 993)},
        {"subnet": "192.168.203.1/24"},
        {"subnet": "8.8.8.0/24"},
        {"subnet": "10.0.0.0/8"},
        {"subnet": "fd00::/64"},
        {"message_mb": 0},
        {"messages_per_day": 0},
        {"smart_host": SmartHost("relay")},
        {"smart_host": SmartHost("relay.example.org", 25)},
        {"smart_host": SmartHost("relay.example.org", user="somebody")},
        {"smart_host": SmartHost("relay.example.org", spf="v=spf1 -all")},
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused_with_words(change: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        check_settings(dataclasses.replace(PLAIN, **change))

    assert refused.value.title


@pytest.mark.parametrize("name", CASES)
def test_settings_that_can_be_are_taken(name: str) -> None:
    check_settings(CASES[name])
