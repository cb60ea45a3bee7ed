"""Asking every region of an account, a few at a time; and the ids that say where a thing is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from backend.core.errors import NotFound, Refused
from backend.core.present.text import _
from backend.providers.ec2.error_codes import SERVICE, RegionDenied
from backend.providers.models import Listed

AT_ONCE = 6
REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d+\Z")
NUMBER = re.compile(r"[a-z]+-[0-9a-f]{8,17}\Z")

T = TypeVar("T")


def everywhere(regions: Sequence[str], ask: Callable[[str], Sequence[T]]) -> Listed[T]:
    """What each region lists, in the order of the regions; those where the account may do nothing are left out.

    :raises ProviderError: a region did not answer (a list without it would make servers look deleted), or none may be
        asked.
    """

    def asked(region: str) -> Sequence[T] | RegionDenied:
        try:
            return ask(region)
        except RegionDenied as error:
            return error

    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ec2 regions")
    try:
        answers = dict(zip(regions, pool.map(asked, regions), strict=True))
    finally:
        pool.shutdown(cancel_futures=True)
    denied = {region: answer for region, answer in answers.items() if isinstance(answer, RegionDenied)}
    if denied and len(denied) == len(answers):
        raise next(iter(denied.values()))
    told = [answer for answer in answers.values() if not isinstance(answer, RegionDenied)]
    return Listed(tuple(found for listed in told for found in listed), frozenset(denied))


def joined(region: str, number: str) -> str:
    """Our id of a thing: Amazon's numbers say nothing about where it is."""
    return f"{region}/{number}"


def parted(our_id: str) -> tuple[str, str]:
    """Region and Amazon's number.

    :raises NotFound: it is no id of ours: no such thing can be.
    """
    region, _slash, number = our_id.partition("/")
    if not REGION.match(region) or not NUMBER.match(number):
        raise NotFound(_("{service} no longer has this resource.").format(service=SERVICE), detail="no id of ours")
    return region, number


def together(thing_id: str, machine_id: str, words: str) -> tuple[str, str, str]:
    """The region of both, and Amazon's numbers of both.

    :raises Refused: they are not in one; ``words`` say so, with ``place`` for the thing and ``region`` for the server.
    """
    (region, server), (place, thing) = parted(machine_id), parted(thing_id)
    if place != region:
        raise Refused(words.format(place=place, region=region), remedy=_("Choose one in the region of the server."))
    return region, thing, server
