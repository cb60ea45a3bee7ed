"""A larger plan in stages: paid once, applied once, confirmed when the server answers, never left behind in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from backend.bootstrap import Installation
from backend.core.errors import OutcomeUnknown, ProviderRefused
from backend.engine.context import StepContext
from backend.engine.jobs import Done, WaitUntil
from backend.engine.payload import Result
from backend.fleet.servers import ServerAccess
from backend.providers.ports import ActionState, Invoice
from backend.servers import provider_actions
from backend.servers.actions import paid_resize
from backend.servers.actions.paid_resize import PaidResizeSteps, ResizeOrdered
from backend.servers.actions.resize import ResizeServerJob, SizeBefore
from backend.servers.requests import ResizeServer
from backend.store.schema.fleet import Account, Server
from backend.store.schema.operations import JobLog
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.steps import step_context
from tests.installation import open_installation
from tests.sample_data.servers import ACCOUNT, add_fleet, server_id

pytestmark = pytest.mark.judged_once

INVOICE = Invoice("9100200", None, 4_000_000, "USD")


@dataclass
class Cloud:
    """A provider whose change is at the first of ``stages``; each look goes on to the next, the last one stays."""

    stages: list[str]
    answers: bool = True
    calls: list[str] = field(default_factory=list)
    powers: list[str] = field(default_factory=lambda: ["on"])
    kind: str = "hostwinds"

    def ordered(self, plan: str) -> str:
        return f"resize:{plan}"

    def resize(self, _machine_id: str, plan: str, *, grow_disk: bool) -> ActionState:
        self.calls.append(f"order {plan} {grow_disk}")
        if not self.answers:
            raise OutcomeUnknown("no answer")
        return ActionState(self.ordered(plan), "unpaid", invoice=INVOICE)

    def action(self, _machine_id: str, action_id: str) -> ActionState:
        stage: Any = self.stages.pop(0) if len(self.stages) > 1 else self.stages[0]
        return ActionState(action_id, stage, invoice=INVOICE if stage == "unpaid" else None)

    def continue_resize(self, _machine_id: str, action_id: str) -> ActionState:
        self.calls.append("apply")
        return ActionState(action_id, "running")

    def settle_resize(self, _machine_id: str, *, keep: bool) -> ActionState:
        self.calls.append("keep" if keep else "revert")
        self.stages = ["done"]
        return ActionState("settle", "running")

    def get(self, _machine_id: str) -> Any:
        power = self.powers.pop(0) if len(self.powers) > 1 else self.powers[0]
        return SimpleNamespace(plan="old", power=power)

    def power(self, _machine_id: str, action: str) -> ActionState:
        self.calls.append(action)
        self.stages = ["done"]
        return ActionState(action, "running")


@dataclass
class Change:
    """A resize of the fleet's first server, step by step."""

    installation: Installation
    cloud: Cloud

    def context(self, **results: Result) -> StepContext[ResizeServer]:
        ordered = ResizeOrdered("resize:large", self.installation.clock.now())
        told: dict[str, Result] = {"check": SizeBefore("old", "on"), "resize": ordered, **results}
        return step_context(self.installation, ResizeServer(server_id(0), "large"), told)

    @property
    def stages(self) -> PaidResizeSteps:
        installation = self.installation
        accounts: Any = SimpleNamespace(provider=lambda _account: self.cloud)
        servers = ServerAccess(installation.store, installation.secrets, installation.choices.endpoint)
        return PaidResizeSteps(accounts, servers)

    @property
    def kind(self) -> ResizeServerJob:
        accounts: Any = SimpleNamespace(provider=lambda _account: self.cloud)
        records: Any = SimpleNamespace()
        return ResizeServerJob(accounts, self.stages, records)

    def said(self) -> str:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return "\n".join(session.scalars(select(JobLog.text)))


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Change]:
    monkeypatch.setattr(provider_actions, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(paid_resize, "TRY_EVERY_S", 0.01)
    installation = open_installation(tmp_path / "data")
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    add_fleet(installation, 1)
    with installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, server_id(0))).host_key = None  # nothing to enter by SSH
    yield Change(installation, Cloud(["unpaid"]))
    installation.close()


def provider_is(change: Change, kind: str) -> None:
    with change.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Account, (AGENCY, ACCOUNT)).provider = kind


def test_an_order_whose_answer_is_lost_is_not_sent_again_but_looked_at(change: Change) -> None:
    change.cloud.answers = False

    assert change.stages.order(change.context(), "large") == "resize:large"

    assert change.cloud.calls == ["order large True"]
    assert "checking its outcome" in change.said()


def test_an_order_that_a_kill_cut_off_is_not_sent_again_either(change: Change) -> None:
    ctx = change.context()
    ctx.was_cut_off = True

    assert change.stages.order(ctx, "large") == "resize:large"

    assert change.cloud.calls == []


def test_an_unpaid_invoice_is_waited_for_without_a_thread(change: Change) -> None:
    waiting = change.stages.await_payment(change.context())

    assert isinstance(waiting, WaitUntil)
    assert waiting.why == "Pay invoice 9100200 over 4.00 USD at the provider."
    change.cloud.stages = ["paid"]
    assert isinstance(change.stages.await_payment(change.context()), Done)


def test_a_change_that_takes_longer_than_a_step_may_is_looked_at_again_later(
    change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_actions.has_ended, "__kwdefaults__", {"limit_s": 0.05})
    change.cloud.stages = ["running"]
    now = change.installation.clock.now()

    waiting = change.kind._wait(change.context(resize=ResizeOrdered("resize:large", now)))

    assert isinstance(waiting, WaitUntil)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(ProviderRefused, match="has not finished yet"):
        change.kind._wait(change.context(resize=ResizeOrdered("resize:large", long_ago)))


@pytest.mark.parametrize("stages", [["unconfirmed"], ["running", "running", "unconfirmed"]])
def test_rolling_back_takes_back_what_is_not_confirmed_also_when_it_runs_still(
    change: Change, stages: list[str]
) -> None:
    change.cloud.stages = stages

    change.stages.take_back(change.context())

    assert change.cloud.calls == ["revert"]


def test_rolling_back_says_what_stays_open_and_stops_where_money_was_paid(change: Change) -> None:
    change.stages.take_back(change.context())
    assert "The order stays open at the provider. Pay invoice 9100200" in change.said()

    change.cloud.stages = ["paid"]
    with pytest.raises(ProviderRefused, match="is paid but was not applied") as stopped:
        change.stages.take_back(change.context())
    assert "apply it" in stopped.value.remedy
    assert change.cloud.calls == []


def test_a_shutdown_that_was_cut_off_while_it_stopped_is_awaited_not_sent_again(change: Change) -> None:
    provider_is(change, "ec2")
    change.cloud.powers = ["unknown", "unknown", "off"]

    change.kind._shut_down(change.context())

    assert change.cloud.powers == ["off"]
    assert change.cloud.calls == []


def test_rolling_back_waits_until_a_stopping_server_stands_still_and_switches_it_on(change: Change) -> None:
    provider_is(change, "ec2")
    change.cloud.powers = ["unknown", "off"]

    change.kind._back_on(change.context())

    assert change.cloud.calls == ["on"]
