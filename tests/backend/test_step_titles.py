"""What the steps of each kind of job are called: what is done to what, in words that are this step's own."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from backend.engine.jobs import Step
from tests.installation import open_installation

#: ``Delete it``, ``Wait until it runs``: nobody who reads a single line knows what.
WITHOUT_A_THING = re.compile(r"(?<!requires )\b(it|them)\b")
FEWEST_WORDS = 3


def test_each_title_says_what_is_done_to_what(tmp_path: Path) -> None:
    vague = [
        (kind, step.title)
        for kind, step in _steps(tmp_path)
        if len(step.title.split()) < FEWEST_WORDS or WITHOUT_A_THING.search(step.title)
    ]

    assert vague == []


def test_one_title_means_one_thing(tmp_path: Path) -> None:
    """Two kinds may share a step, and then its title; two things never bear the same."""
    done = defaultdict(set)
    for _kind, step in _steps(tmp_path):
        done[step.title].add(getattr(step.run, "__qualname__", step.run))

    assert {title: things for title, things in done.items() if len(things) > 1} == {}


def _steps(folder: Path) -> Iterator[tuple[str, Step[Any]]]:
    """Of every kind that a feature brings, whatever it is asked for."""
    installation = open_installation(folder)
    for name in installation.kinds.names:
        kind = installation.kinds[name]
        yield from ((name, step) for request in _requests(kind.request) for step in kind.steps(request))
    installation.close()


def _requests(kind: type[Any]) -> Iterator[Any]:
    """One for each way in which its choices can be made: they say which steps there are."""
    hints = get_type_hints(kind)
    choices = {name: get_args(hint) for name, hint in hints.items() if get_origin(hint) is Literal}
    choices |= {name: (False, True) for name, hint in hints.items() if hint is bool}
    for values in itertools.product(*choices.values()):
        request = object.__new__(kind)
        for name, value in zip(choices, values, strict=True):
            object.__setattr__(request, name, value)
        yield request
