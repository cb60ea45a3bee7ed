"""What an emulated account owes follows from which server had which plan when: sums by hand, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.demo.emulator import charges
from backend.demo.emulator.charges import Charges, Tariff, left_plan
from backend.demo.emulator.machines import NoMachines
from backend.demo.emulator.process import Start
from backend.demo.emulator.state import State
from backend.demo.emulator.wire import Request
from backend.demo.fleet.twins import TWINS

Record = dict[str, Any]

#: By plan what an hour and a month cost at most.
PRICES = {"small": (0.01, 6.0), "large": (0.04, 24.0)}


class Wall:
    """The wall clock of the emulated account."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 10, 12, tzinfo=UTC)

    def go(self, *date: int) -> None:
        self.now = datetime(*date, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    made = Wall()
    monkeypatch.setattr(charges, "present", lambda: made.now)
    return made


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path / "state")
    yield made
    made.close()


def account(state: State) -> Charges:
    """Paid by begun hours."""
    return Charges(
        state,
        Tariff(
            "plan",
            "made",
            price=lambda _server, plan: PRICES[plan],
            line=lambda use: {"name": use.server["name"], "plan": use.plan, "hours": use.units, "total": use.total},
        ),
    )


def server(state: State, made: datetime, plan: str = "small", number: int = 1) -> Record:
    record = {"id": number, "name": f"mx{number}", "plan": plan, "made": made.isoformat(), "secret": "x"}
    state.put("server", str(number), record)
    return record


def other_plan(state: State, record: Record, plan: str) -> Record:
    record = record | {"plans": left_plan(record, record["plan"]), "plan": plan}
    state.put("server", str(record["id"]), record)
    return record


def test_a_month_has_its_own_hours_and_a_whole_one_costs_its_price(state: State, wall: Wall) -> None:
    own = account(state)
    own.bill_since(wall.now.isoformat())
    server(state, wall.now)

    wall.go(2026, 9, 10, 14, 30)
    assert own.lines() == [{"name": "mx1", "plan": "small", "hours": 3, "total": 0.03}]
    assert own.bills() == []
    wall.go(2026, 11, 1, 0, 20)

    assert own.total() == 0.01
    september, october = own.bills()
    assert (september.month, september.at) == (datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))
    assert september.total == 4.92  # from the 10th at 12:00 on: 492 hours
    assert october.total == 6.0  # 744 hours, and a month costs no more


def test_each_plan_costs_its_time_and_a_shared_hour_is_the_later_ones(state: State, wall: Wall) -> None:
    own = account(state)
    record = server(state, wall.now)
    wall.go(2026, 9, 10, 22, 40)
    record = other_plan(state, record, "large")
    wall.go(2026, 9, 11, 0, 0)

    small, large = own.lines()

    assert (small["plan"], small["hours"], small["total"]) == ("small", 10, 0.1)
    assert (large["plan"], large["hours"], large["total"]) == ("large", 2, 0.08)
    wall.go(2026, 10, 2, 0, 0)
    assert [(line["plan"], line["hours"]) for line in own.lines()] == [("large", 24)]


def test_a_server_that_is_gone_keeps_its_month(state: State, wall: Wall) -> None:
    """And nothing but what it is billed by is kept of it."""
    own = account(state)
    own.bill_since(wall.now.isoformat())
    record = server(state, wall.now)
    wall.go(2026, 9, 20, 12)
    state.drop("server", "1")
    own.settle(record)
    assert own.total() == 2.4  # ten days
    assert "secret" not in str(state.all(charges.GONE))
    wall.go(2026, 10, 3)
    server(state, wall.now, number=2)
    wall.go(2026, 11, 5)

    assert own.total() == 0.96  # the other one, four days
    assert [bill.total for bill in own.bills()] == [2.4, 6.0]


def test_a_plan_of_a_later_month_changes_no_bill_of_an_earlier_one(state: State, wall: Wall) -> None:
    own = account(state)
    own.bill_since(wall.now.isoformat())
    record = server(state, datetime(2026, 9, 10, 12, 30, tzinfo=UTC))
    wall.go(2026, 10, 1, 0, 0, 1)
    before = own.bills()
    wall.go(2026, 10, 15)
    other_plan(state, record, "large")

    assert before == own.bills()
    assert before[0].total == 4.92  # 491.5 hours, the begun one whole
    assert own.total() == 3.36  # fourteen days of the small one, nothing of the large one yet


@pytest.mark.parametrize("kind", TWINS)
def test_a_cloud_of_the_demo_that_is_kept_sends_each_months_bill_once(kind: str, tmp_path: Path, wall: Wall) -> None:
    """And none of before changes, whatever is deleted."""
    state, twin = State(tmp_path / "cloud"), TWINS[kind]
    api = twin.make_api(Start(tmp_path / "cloud", state, NoMachines(), "document", 1.0, ""))
    place, since = twin.places[0], wall.now.strftime(twin.stamp)
    names = ("mx1.acme-dental.example", "mx2.acme-dental.example")
    orders = [{"order": written(kind, name, place.region, place.plan, place.image), "machine": {}} for name in names]
    call = Request("POST", "/__emulator/tokens", {}, {}, {"token": "t", "expiry": None, "scopes": twin.scopes})
    assert api.control(call).status == 200
    stand = Request("POST", "/__emulator/stand", {}, {}, {"since": since, "servers": orders})
    assert api.control(stand).status == 200

    wall.go(2026, 11, 2)
    before = invoices(api, kind)
    first = state.all("server")[0]["id"]
    path = {"digitalocean": f"/v2/droplets/{first}", "linode": f"/v4/linode/instances/{first}"}[kind]
    assert api.answer(Request("DELETE", path, {}, TOKEN, None)).status in (200, 204)
    wall.go(2026, 12, 2)
    after = invoices(api, kind)
    api.close()
    state.close()

    assert len(before) == 2
    assert after[: len(before)] == before
    (_number, _day, last) = after[-1]
    (_number, _day, whole) = before[-1]
    assert whole / 2 < last < whole / 2 + 1  # one server for the month, the other for its first day


TOKEN = {"authorization": "Bearer t"}


def written(kind: str, name: str, region: str, plan: str, image: str) -> Record:
    body: Record = {"name": name, "region": region, "size": plan, "image": image}
    if kind == "linode":
        secret = {"root_pass": "aLongEnough-Passw0rd"}
        body = {"label": name, "region": region, "type": plan, "image": image} | secret
    return body


def invoices(api: Any, kind: str) -> list[tuple[str, str, float]]:
    """Number, day and sum, the oldest first."""
    if kind == "linode":
        answer = api.answer(Request("GET", "/v4/account/invoices", {}, TOKEN, None))
        told = [(str(each["id"]), each["date"], each["total"]) for each in answer.body["data"]]
    else:
        answer = api.answer(Request("GET", "/v2/customers/my/billing_history", {}, TOKEN, None))
        entries = [each for each in answer.body["billing_history"] if each["type"] == "Invoice"]
        told = [(each["invoice_id"], each["date"], float(each["amount"])) for each in entries]
    return sorted(told, key=lambda each: str(each[1]))
