"""Changes in as few calls as a host takes them in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from backend.dnshosts.records import SetChange

Weight = tuple[int, ...]


def in_batches(
    changes: Iterable[SetChange], weight: Callable[[SetChange], Weight], most: Weight
) -> list[list[SetChange]]:
    """Each batch weighs at most ``most``; what happens to one name stays together, however much it is: an alias comes
    as an address goes."""
    batches: list[list[SetChange]] = []
    heavy = tuple(0 for _each in most)
    for _name, each in groupby(sorted(changes, key=lambda change: change.name), key=lambda change: change.name):
        group = list(each)
        more = _sum(map(weight, group))
        together = _sum((heavy, more))
        if batches and all(one <= limit for one, limit in zip(together, most, strict=True)):
            batches[-1] += group
            heavy = together
        else:
            batches.append(group)
            heavy = more
    return batches


def _sum(weights: Iterable[Weight]) -> Weight:
    return tuple(map(sum, zip(*weights, strict=True)))
