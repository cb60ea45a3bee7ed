"""The facts of one provider that the contract suite needs; all stand in its emulator's catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from backend.providers.ports import PowerAction

#: Calls that tests look for in the emulator's log, or strike.
Call = Literal["read", "show", "order", "delete", "resize", "snapshot", "shutdown", "account"]


@dataclass(frozen=True)
class Case:
    """``refused`` are orders that are not on offer, each with words of the provider's own refusal."""

    kind: str
    name: str
    document: str
    """the official API document, which prism checks against; empty where there is none"""
    holder: str
    server_limit: int | None
    limit_words: str
    source: str
    order: Mapping[str, str]
    """region, plan, image"""
    larger: str
    """a plan the server can be resized to"""
    size: tuple[int, int, int, int | None]
    """CPUs, memory in MB, disk in GB, traffic in GB of the plan"""
    price: tuple[int, int | None]
    """a month and an hour of the plan in micro-units; None where it is not told"""
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
    record_id: str = "id"
    """name of a server's id in its record"""
    untagged: Mapping[str, object] = field(default_factory=lambda: {"tags": None})
    """changes of a record after which nobody sees its tags"""
    is_paged: bool = True
    """whether the list of servers comes in pages"""
    answers_order_with_server: bool = True
    no_power: tuple[PowerAction, ...] = ()
    """power actions the provider cannot do as they are meant"""
    calls: Mapping[Call, tuple[str, str]] = field(default_factory=dict)
    """those that are not where REST APIs have them: method and beginning of the path, as the emulator's log has them"""
    credential: Callable[[str], str] = str
    """what a token of the tests is called here"""
    ipv6: int = 1
    """addresses a server has of it"""
    grows_disk: bool = True
    """a larger plan has a larger disk"""
    tells_total: bool = True
    """a list says how many there are"""
    elastic: bool = False
    """only an Elastic IP address has a reverse DNS name, and a server has none at first"""
    status: str = "status"
    """name of a server's state in its record"""
    name_is_tag: bool = False
    names_reserved: bool = False
    """a reserved address keeps the name it was reserved under"""
    reserve_keeps: bool = False
    """it is the server's own address that is reserved, not another"""
    reserved_micro: tuple[int | None, int | None] = (None, None)
    """what a reserved address costs a month: at a server, and at none"""
    tells_traffic: tuple[Literal["received", "sent"], ...] = ("received", "sent")
    counts: Literal["sent", "both", ""] = "sent"
    """what is set against the traffic a server includes; empty where that is not told"""
    included_bytes: int | None = None
    tells_cpu: bool = False
    reading_words: tuple[str, ...] = ()
    """in the paths of calls that change nothing although their method is not GET"""
    invoices: tuple[tuple[str, str, int], ...] = ()
    """number, day and total in micro-units, newest first"""

    def call(self, name: Call) -> tuple[str, str]:
        """Method and beginning of the path of a call; a path is empty where the method alone tells it."""
        usual: dict[Call, tuple[str, str]] = {
            "read": ("GET", self.servers),
            "show": ("GET", f"{self.servers}/"),
            "order": ("POST", self.servers),
            "delete": ("DELETE", self.servers),
            "resize": (self.resize_method, ""),
            "snapshot": ("POST", ""),
            "shutdown": ("POST", ""),
            "account": ("GET", self.account),
        }
        return {**usual, **self.calls}[name]

    def changes(self, method: str, path: str) -> bool:
        """Whether a call, as the emulator's log has it, is one that changes something."""
        return method != "GET" and not any(word in path for word in self.reading_words)

    def path_in(self, *names: str) -> str:
        """A dotted name in an answer about one server, or about many with ``listed`` first."""
        return ".".join(name for name in names if name)


def both_modes(*cases: Case) -> list[tuple[Case, str]]:
    """Parameters of the fixture ``cloud``."""
    return [(case, mode) for case in cases for mode in (("document", "drift") if case.document else ("drift",))]


def all_modes(*cases: Case) -> list[tuple[Case, str]]:
    """Both, and what an account may have otherwise: Linode gives new servers interfaces of two kinds."""
    return [*both_modes(*cases), *((case, "interfaces") for case in cases if case.kind == "linode")]


def mode_name(parameter: tuple[Case, str]) -> str:
    return f"{parameter[0].kind}-{parameter[1]}"
