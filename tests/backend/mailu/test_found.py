"""A Mailu that is there already: read into settings, and compared with what Mailyard would write."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from backend.core.errors import BadResponse, Refused
from backend.core.secrets.redactor import MASK
from backend.core.secrets.values import Secret
from backend.mailu.compose import compose
from backend.mailu.environment import MailSecrets, environment
from backend.mailu.found import Difference, differences, found_in, is_secret, settings_in
from backend.mailu.settings import MailSettings, SmartHost

PLAIN = MailSettings("mx1.example.net", "example.net", "my20261201")
RELAYED = SmartHost("relay.example.org", 587, "agency", "relay/agency/one")
CASES = {
    "plain": PLAIN,
    "small": dataclasses.replace(PLAIN, webmail="none", scans_macros=False, ports=(25, 80, 443, 465, 993)),
    "large": dataclasses.replace(
        PLAIN,
        has_antivirus=True,
        other_names=("mail.client.example",),
        subnet="10.9.0.0/16",
        smart_host=RELAYED,
        messages_per_day=1000,
        message_mb=25,
    ),
}
SECRETS = MailSecrets(Secret("key-of-the-cookies"), Secret("token-of-the-api"), Secret("pa$$ word #1"))


def told(settings: MailSettings, **env: str | None) -> str:
    """What compose prints for the files of ``settings``, with other lines in mailu.env; None: without that line."""
    values = {**dict(environment(settings, SECRETS)), **env}
    lines = {key: value.replace("$", "$$") for key, value in values.items() if value is not None}
    document: dict[str, Any] = {"name": "mailu", "services": {}}
    for name, node in compose(settings)["services"].items():  # type: ignore[attr-defined]
        ports = [each.split(":") for each in node.get("ports", ())]
        volumes = [each.split(":") for each in node.get("volumes", ())]
        document["services"][name] = {
            "image": node["image"],
            "environment": lines if "env_file" in node else None,
            "ports": [
                {"mode": "ingress", "host_ip": ip, "target": int(inside), "published": outside, "protocol": "tcp"}
                for ip, outside, inside in ports
            ],
            "volumes": [
                {"type": "bind", "source": there, "target": to, **({"read_only": True} if rest else {})}
                for there, to, *rest in volumes
            ],
        }
    return json.dumps(document)


def with_service(said: str, name: str, **node: object) -> str:
    document = json.loads(said)
    document["services"].setdefault(name, {}).update(node)
    return json.dumps(document)


@pytest.mark.parametrize("name", CASES)
def test_what_mailyard_wrote_is_read_back_and_differs_in_nothing(name: str) -> None:
    found = found_in(told(CASES[name]))
    settings = settings_in(found, RELAYED.password_ref)

    assert settings == CASES[name]
    assert differences(found, settings, SECRETS) == ()


def test_what_somebody_else_set_up_is_named_and_its_secrets_are_not() -> None:
    said = told(PLAIN, SECRET_KEY="another", CREDENTIAL_ROUNDS="10", PORTS=None, DB_PW="of-a-database")
    found = found_in(with_service(said, "admin", image="ghcr.io/mailu/admin:2024.06.30"))

    settings = settings_in(found)
    told_of = {each.name: each for each in differences(found, settings, SECRETS)}

    assert (settings.mailu_version, settings.ports) == ("2024.06.30", (25, 80, 443, 465, 993, 995, 4190))
    assert told_of["CREDENTIAL_ROUNDS"] == Difference("mailu.env", "CREDENTIAL_ROUNDS", "10", None)
    assert told_of["SECRET_KEY"] == Difference("mailu.env", "SECRET_KEY", MASK, MASK)
    assert told_of["DB_PW"] == Difference("mailu.env", "DB_PW", MASK, None)
    assert told_of["PORTS"].found is None
    assert "smtp image" in told_of  # only admin was moved to another version: the others differ from it
    assert "of-a-database" not in repr(told_of) + repr(found)


@pytest.mark.parametrize(
    ("value", "ports", "named"),
    [
        ("25,80,443,465, 587,993", (25, 80, 443, 465, 993), ["25,80,443,465, 587,993"]),
        ("587", (25, 465, 587, 993), ["587"]),
        ("25,80,110,443,465,993", (25, 80, 110, 443, 465, 993), []),
    ],
)
def test_what_listens_is_told_as_mailu_opens_it_and_a_blank_is_named(
    value: str, ports: tuple[int, ...], named: list[str]
) -> None:
    found = found_in(told(PLAIN, PORTS=value))

    settings = settings_in(found)

    assert settings.ports == ports
    assert [each.found for each in differences(found, settings, SECRETS) if each.name == "PORTS"] == named


def test_containers_ports_and_volumes_of_others_are_named() -> None:
    port = {"host_ip": "127.0.0.1", "target": 80, "published": "8080"}
    said = with_service(told(PLAIN), "front", ports=[port])
    said = with_service(said, "traefik", image="traefik:v3", volumes=[{"source": "/etc/x", "target": "/x"}])

    found = differences(found_in(said), PLAIN, SECRETS)

    assert Difference("compose", "front port", "127.0.0.1:8080:80", None) in found
    assert Difference("compose", "front port", None, "0.0.0.0:443:443") in found
    assert Difference("compose", "traefik image", "traefik:v3", None) in found
    assert Difference("compose", "traefik volume", "/etc/x:/x", None) in found


@pytest.mark.parametrize(
    ("line", "smart_host"),
    [
        ("", None),
        ("[relay.example.org]:465", SmartHost("relay.example.org", 465, "", "", "tls")),
        ("[relay.example.org]", SmartHost("relay.example.org", 25)),
        ("relay.example.org:2525", SmartHost("relay.example.org", 2525)),
    ],
)
def test_a_smart_host_is_read_however_it_is_written(line: str, smart_host: SmartHost | None) -> None:
    assert settings_in(found_in(told(PLAIN, RELAYHOST=line))).smart_host == smart_host


@pytest.mark.parametrize(
    "said", ["", "[]", "null", "{}", '{"services": {}}', '{"services": {"admin": {"ports": 3}}}', '{"services": 7}']
)
def test_what_is_no_description_of_a_mailu_is_refused(said: str) -> None:
    with pytest.raises(BadResponse):
        found_in(said)


@pytest.mark.parametrize("missing", ["HOSTNAMES", "DOMAIN"])
def test_a_mailu_without_a_name_is_refused(missing: str) -> None:
    with pytest.raises(Refused):
        settings_in(found_in(told(PLAIN, **{missing: None})))


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("ghcr.io/mailu/admin:2024.06.57", "2024.06.57"),
        ("ghcr.io/mailu/admin:2024.06@sha256:aa", "2024.06"),
        ("registry.example:5000/mailu/admin", ""),
    ],
)
def test_the_version_is_the_tag_of_the_image(image: str, version: str) -> None:
    found = found_in(with_service(told(PLAIN), "admin", image=image))

    assert found.services["admin"].version == version


def test_which_keys_are_secret() -> None:
    secret = ("SECRET_KEY", "API_TOKEN", "RELAYPASSWORD", "INITIAL_ADMIN_PW", "DB_PW", "SQLALCHEMY_DATABASE_URI")

    assert all(map(is_secret, secret))
    keys = {key for key, _value in environment(CASES["large"], SECRETS)}
    assert {key for key in keys if is_secret(key)} == {"SECRET_KEY", "API_TOKEN", "RELAYPASSWORD"}
    assert not any(map(is_secret, ("AUTH_REQUIRE_TOKENS", "CREDENTIAL_ROUNDS")))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DB_PASS", "CANARY-7f"),
        ("SMTP_PASS", "CANARY-7f"),
        ("BORG_PASSPHRASE", "CANARY-7f"),
        ("MYSQL_PWD", "CANARY-7f"),
        ("S3_CREDENTIALS", "CANARY-7f"),
        ("DKIM_PRIVATE", "CANARY-7f"),
        ("mail_apikey", "CANARY-7f"),
        ("REDIS_ADDRESS", "redis://:CANARY-7f@redis.example:6379/0"),
        ("DB_URL", "postgresql://mailu:CANARY/7f@db.example/mailu"),
        ("DB_DSN", "host=db.example user=mailu password=CANARY-7f"),
    ],
)
def test_no_secret_of_others_is_told_however_it_is_called(key: str, value: str) -> None:
    found = found_in(told(PLAIN, **{key: value}))

    assert Difference("mailu.env", key, MASK, None) in differences(found, settings_in(found), SECRETS)
    assert "CANARY" not in repr((found, differences(found, settings_in(found), SECRETS)))


def test_an_address_without_a_login_is_told() -> None:
    found = found_in(told(PLAIN, WEBSITE="https://mail.example/#about"))

    assert Difference(
        "mailu.env", "WEBSITE", "https://mail.example/#about", f"https://{PLAIN.host_name}"
    ) in differences(found, settings_in(found), SECRETS)
