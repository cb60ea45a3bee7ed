"""Names of domains and addresses as they are compared, whichever way somebody wrote them."""

from __future__ import annotations

import pytest

from backend.core.domain_names import plain_address, plain_domain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("example.net", "example.net"),
        (" Example.NET. ", "example.net"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("b\u0075\u0308cher.example", "xn--bcher-kva.example"),
        ("bücher\u3002example", "xn--bcher-kva.example"),
        ("", ""),
        ("a b", "a b"),
        ("ü" * 70 + ".example", "ü" * 70 + ".example"),
        ("-ü.example", "-ü.example"),
        ("ü..example", "ü..example"),
        ("☃!.example", "☃!.example"),
    ],
)
def test_a_domain_has_one_plain_form(written: str, plain: str) -> None:
    assert plain_domain(written) == plain
    assert plain_domain(plain) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (" Me@Example.net ", "me@example.net"),
        ("me@BÜCHER.example", "me@xn--bcher-kva.example"),
        ("a@b@example.net", "a@b@example.net"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_an_address_has_one_plain_form(written: str, plain: str) -> None:
    assert plain_address(written) == plain
