"""A secret prints as a mask in every way Python prints things, and refuses to be stored."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from uuid import UUID

import pytest

from backend.core.secrets.values import Secret, SecretRef, new_ref

pytestmark = pytest.mark.judged_once

VALUE = "dop_v1_canary_7c31a9"
SECRET = Secret(VALUE)


@dataclass(frozen=True)
class Account:
    name: str
    token: Secret


ACCOUNT = Account("main", SECRET)

SHOWN: dict[str, Callable[[], str]] = {
    "str": lambda: str(SECRET),
    "repr": lambda: repr(SECRET),
    "an f-string": lambda: f"{SECRET} {SECRET!r} {SECRET!s:>40}",
    "format": lambda: "{:>30}".format(SECRET),  # noqa: UP032
    "percent": lambda: "%s %r" % (SECRET, SECRET),  # noqa: UP031
    "a list": lambda: f"{[SECRET]} {{{'key'}: {SECRET}}}",
    "a dict": lambda: str({"token": SECRET}),
    "a dataclass": lambda: f"{ACCOUNT} {replace(ACCOUNT, name='x')!r}",
    "an exception": lambda: "".join(traceback.format_exception(ValueError("refused", SECRET))),
    "its attributes": lambda: str([getattr(SECRET, "__dict__", None), dir(SECRET), SECRET.__slots__]),
}


@pytest.mark.parametrize("form", SHOWN)
def test_a_secret_shows_as_a_mask(form: str) -> None:
    assert VALUE not in SHOWN[form]()


def test_a_secret_in_a_log_line_is_a_mask(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test.secrets")
    log.warning("The token %s of %r was refused", SECRET, ACCOUNT)
    assert VALUE not in caplog.text
    assert "•••" in caplog.text


REFUSED: dict[str, tuple[Callable[[], object], type[Exception]]] = {
    "pickle": (lambda: pickle.dumps(SECRET), TypeError),
    "pickle inside another": (lambda: pickle.dumps(ACCOUNT), TypeError),
    "a dataclass as a dict": (lambda: asdict(ACCOUNT), TypeError),
    "json": (lambda: json.dumps({"token": SECRET}), TypeError),
    "a copy": (lambda: copy.copy(SECRET), TypeError),
    "a new attribute": (lambda: setattr(SECRET, "note", "x"), AttributeError),
}


@pytest.mark.parametrize("form", REFUSED)
def test_a_secret_refuses_to_be_stored(form: str) -> None:
    deed, error = REFUSED[form]
    with pytest.raises(error) as caught:
        deed()
    assert VALUE not in str(caught.value)


def test_secrets_compare_and_reveal_by_value() -> None:
    assert Secret(VALUE) == SECRET
    assert len({Secret(VALUE), SECRET, Secret("another one")}) == 2
    assert SECRET != VALUE
    assert SECRET.reveal() == VALUE


def test_a_reference_tells_kind_and_workspace_and_is_new_each_time() -> None:
    workspace = UUID(int=7)
    one, other = new_ref("api_keys", workspace), new_ref("api_keys", workspace)
    assert one != other
    assert str(one).startswith(f"api_keys/{workspace}/")
    assert SecretRef(one.path) == one
