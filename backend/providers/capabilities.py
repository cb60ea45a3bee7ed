"""What each provider can and cannot do, as data with reason, source and date; rows are the same for all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NoReturn

from backend.core.errors import Refused
from backend.core.present.text import _

Can = Literal["yes", "no", "partly", "unknown"]

#: The rows in the order they are shown.
ROWS = (
    "first_contact",
    "login_keys",
    "power",
    "hard_off",
    "clean_shutdown",
    "address_kept",
    "resize",
    "resize_while_on",
    "resize_back",
    "resize_in_stages",
    "disk_choice",
    "snapshot",
    "restore",
    "reverse_dns",
    "reverse_told",
    "reserved_address",
    "firewall",
    "provider_metrics",
    "traffic",
    "charges",
    "invoices",
    "live_prices",
    "price_covers",
    "token_scopes",
    "port_25",
    "least_memory",
)


@dataclass(frozen=True)
class Capability:
    """One cell: ``can``, in words ``note`` (the reason where it cannot), where that is written, and as of when."""

    can: Can
    note: str
    source: str
    as_of: date


@dataclass(frozen=True)
class Recipe:
    """How to make a token that may do no more than Mailyard needs: where, and step by step.

    ``secret`` is what the provider calls it, ``key_id`` the name of a part that goes before it where there is one,
    ``policy`` the text of the rights to paste there where the provider takes one.
    """

    where: str
    steps: tuple[str, ...]
    secret: str
    key_id: str = ""
    policy: str = ""


@dataclass(frozen=True)
class Cloud:
    """One provider: its name as people know it, the address of its API, and every row of the matrix."""

    kind: str
    name: str
    address: str
    is_driven: bool
    recipe: Recipe
    cells: Mapping[str, Capability]

    def can(self, row: str) -> bool:
        """Whether an action that needs this may be offered."""
        return self.cells[row].can in ("yes", "partly")


@cache
def clouds() -> Mapping[str, Cloud]:
    """Every provider of the matrix by its kind, in the order they are shown."""
    text = (files("resources") / "data" / "capabilities.json").read_text(encoding="utf-8")
    return {raw["kind"]: _cloud(raw) for raw in json.loads(text)["providers"]}


def demand(kind: str, row: str) -> None:
    """Before a call that a provider may be unable to serve.

    :raises Refused: the matrix says it cannot, with the reason.
    """
    if not clouds()[kind].can(row):
        refuse(kind, row)


def refuse(kind: str, row: str) -> NoReturn:
    """:raises Refused: always, with the reason the matrix gives: a driver has no call for it."""
    cloud = clouds()[kind]
    raise Refused(
        _("{provider} cannot do this: {reason}").format(provider=cloud.name, reason=_(cloud.cells[row].note)),
        remedy=_("See Settings > Providers for the features of each provider."),
    )


def _cloud(raw: Mapping[str, Any]) -> Cloud:
    cells = {
        row: Capability(cell["can"], cell["note"], cell["source"], date.fromisoformat(cell["as_of"]))
        for row, cell in raw["cells"].items()
    }
    made = raw["recipe"]
    policy = json.dumps(made["policy"], indent=2) if "policy" in made else ""
    recipe = Recipe(made["where"], tuple(made["steps"]), made["secret"], made.get("key_id", ""), policy)
    return Cloud(raw["kind"], raw["name"], raw["address"], raw["is_driven"], recipe, cells)
