"""Proxy variables that cannot be used: one sentence that names the variable, for every provider and in the doctor."""

from __future__ import annotations

import pytest

from app.cli.findings import of_machine
from backend.core import proxies
from backend.core.errors import NoNetwork
from backend.core.http import HttpWire
from backend.core.proxies import ProxyUnusable
from backend.core.secrets.values import Secret
from backend.providers.registry import known_providers

TOKENS = {"ec2": "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
UNUSABLE = {
    "ALL_PROXY": ("socks://127.0.0.1:9/", "socks5://127.0.0.1:9", "ftp://proxy.example:1"),
    "all_proxy": ("socks://127.0.0.1:9/",),
    "HTTPS_PROXY": ("http://proxy.example:abc", "http://[::1", "socks4://user:s3cret@proxy.example:1"),
    "http_proxy": ("http://proxy.example:99999x", "://proxy.example"),
    "NO_PROXY": ("proxy.example:abc", "[::1"),
}
CASES = [(name, value) for name, values in UNUSABLE.items() for value in values]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*proxies.VARIABLES, "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_variable_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ProxyUnusable) as failed:
        HttpWire("https://api.somecloud.invalid", service="Somecloud")

    error = failed.value
    assert isinstance(error, NoNetwork)
    assert error.title == f"The proxy setting in {name} cannot be used."
    assert name in error.remedy
    assert "s3cret" not in f"{error} {error.remedy} {error.detail} {error.__cause__}"
    assert error.__suppress_context__
    assert not error.retryable


@pytest.mark.parametrize("kind", ["digitalocean", "ec2", "linode", "vultr"])
def test_every_provider_tells_it(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Hostwinds admits computers by their own address: there a proxy is passed by."""
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:9/")

    with pytest.raises(ProxyUnusable, match="ALL_PROXY"):
        known_providers().open(kind, Secret(TOKENS.get(kind, "t0ken"))).verify()


def test_the_doctor_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> tuple[str, str]:
        finding = next(each for each in of_machine() if each.what == "proxy")
        return finding.verdict, finding.words

    assert found() == ("ok", "none set")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert found() == ("ok", "as set by HTTPS_PROXY")
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:9/")
    assert found() == ("critical", "The proxy setting in ALL_PROXY cannot be used.")


@pytest.mark.parametrize("value", ["http://", "http://:80", "http://127.0.0.1:99999"])
def test_a_proxy_without_a_place_sends_nothing(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    wire = HttpWire("https://api.somecloud.invalid", service="Somecloud")

    with pytest.raises(NoNetwork):
        wire.send("GET", "/", headers={}, params=None)
    wire.close()
