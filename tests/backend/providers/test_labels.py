"""Every host name that is accepted here can be ordered at every cloud, and its server is known for ours there."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.providers.hostwinds import labels as of_hostwinds
from backend.providers.linode.labels import label_of
from backend.providers.models import intent_tag, intents_in
from backend.servers.provision.order import check_name
from tests.backend.providers.conftest import Cloud

#: As Linode's API reference says it; the emulated Linode has an expression of its own.
TAKEN = re.compile(r"(?=.{3,64}\Z)[A-Za-z](?:[A-Za-z0-9]|[._-](?![._-]))*\Z")
LONG = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
NAMES = (
    "mx1.xn--mller-kva.example",
    "1mx.example.net",
    "mx1." + "a-rather-long-name." * 4 + "example.net",
    "a.b",
    "1.xn--p1ai",
    LONG,
)
PART = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
HOST_NAMES = st.lists(PART, min_size=2, max_size=6).map(".".join).filter(lambda name: len(name) <= 253)


@given(HOST_NAMES, st.uuids())
def test_a_label_for_linode_is_one_that_it_takes_and_of_one_order_always_the_same(name: str, intent: UUID) -> None:
    label = label_of(name, intent)

    assert TAKEN.match(label), label
    assert label == label_of(name, intent)


def test_a_name_that_linode_takes_stays_as_it_is_and_two_that_look_alike_are_told_apart() -> None:
    assert label_of("mx1.example.net", uuid4()) == "mx1.example.net"
    first, second = label_of("a--b.example.net", uuid4()), label_of("a--b.example.net", uuid4())
    assert first != second
    assert first.startswith("a-b.example.net-")
    assert first != label_of("a-b.example.net", uuid4())


def test_a_label_at_hostwinds_keeps_its_intent_however_long_the_name_is() -> None:
    intent = uuid4()
    label = of_hostwinds.written(LONG, intent)

    assert len(label) <= of_hostwinds.LONGEST
    name, tags = of_hostwinds.read(label)
    assert LONG.startswith(name)
    assert intents_in(tags) == (intent,)


def test_what_is_no_id_is_nobodys_intent() -> None:
    intent = uuid4()
    assert intents_in(["mailyard", "mailyard:intent:", "mailyard:intent:mx1", intent_tag(intent)]) == (intent,)


@pytest.mark.parametrize("name", NAMES)
def test_every_host_name_can_be_ordered(plain_cloud: Cloud, name: str) -> None:
    check_name(name)
    intent = uuid4()

    made = plain_cloud.driver.create(plain_cloud.order(intent, {"name": name}))

    assert [each.id for each in plain_cloud.driver.find(intent)] == [made.id]
    assert intents_in(made.tags) == (intent,)
