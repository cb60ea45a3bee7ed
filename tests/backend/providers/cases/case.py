"""The facts of one provider that the contract suite needs; all stand in its emulator's catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """``refused`` are orders that are not on offer, each with words of the provider's own refusal."""

    kind: str
    name: str
    document: str
    holder: str
    server_limit: int | None
    limit_words: str
    source: str
    order: Mapping[str, str]
    """region, plan, image"""
    larger: str
    """a plan the server can be resized to"""
    size: tuple[int, int, int, int]
    """CPUs, memory in MB, disk in GB, traffic in GB of the plan"""
    price: tuple[int, int]
    """a month and an hour of the plan in micro-units"""
    closed_region: str | None
    repriced: Mapping[str, object]
    """fields of the plan as the API names them, for half as much again"""
    plans: str
    """the API's word for plans, as the catalogue control takes it"""
    refused: tuple[tuple[Mapping[str, str], str], ...]
    servers: str
    """path of the list of servers, which is also where they are ordered"""
    server: str
    """name of the record in an answer about one server; empty where the answer is the record itself"""
    listed: str
    """name of the list in an answer about many"""
    keys: str
    account: str
    must_be_off_to_resize: bool
    resize_method: str = "POST"
    restores: bool = True
    tells_reverse: bool = True
    charges: tuple[int | None, int | None] = (0, 0)
    """balance and this month's use in micro-units"""


def both_modes(*cases: Case) -> list[tuple[Case, str]]:
    """Parameters of the fixture ``cloud``."""
    return [(case, mode) for case in cases for mode in ("document", "drift")]


def mode_name(parameter: tuple[Case, str]) -> str:
    return f"{parameter[0].kind}-{parameter[1]}"
