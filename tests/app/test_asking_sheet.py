"""A sheet that asks by itself: what counts is what stood there when the act was pressed, and what the engine took."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLineEdit, QWidget

from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.errors import MailyardError, Refused
from backend.core.secrets.values import Secret, SecretRef, new_ref
from backend.engine.payload import Request
from backend.mail.requests import ResetPassword
from widgets.sheet import SheetText

Heard = Callable[[MailyardError | None], None]
SERVER = uuid4()


@dataclass
class Engine:
    """Answers when it is told to, as one in another process does."""

    asked: list[Request] = field(default_factory=list)
    kept: set[SecretRef] = field(default_factory=set)
    sealing: list[Heard] = field(default_factory=list)
    looking: list[Heard] = field(default_factory=list)

    def keep_secrets(
        self, _owner: QObject, kind: str, workspace: UUID, values: Sequence[Secret], heard: Heard
    ) -> Sequence[SecretRef]:
        refs = [new_ref(kind, workspace) for _value in values]
        self.kept.update(refs)
        self.sealing.append(heard)
        return refs

    def forget_secrets(self, refs: Sequence[SecretRef]) -> None:
        self.kept.difference_update(refs)

    def ask(self, _owner: QObject, _workspace: UUID, request: Request, settled: Heard) -> UUID:
        self.asked.append(request)
        self.looking.append(settled)
        return uuid4()


@dataclass
class FakeServices:
    submit: Engine = field(default_factory=Engine)

    @property
    def reader(self) -> FakeServices:
        return self

    def forget(self, _owner: QObject) -> None:
        """It reads nothing."""


class Sheet(AskingSheet):
    """A password for each address in a field."""

    def __init__(self, services: Any, parent: QWidget) -> None:
        super().__init__(services, SheetText("Reset passwords", "Reset", "Cancel"), parent)
        self.field = QLineEdit("one@a.example two@a.example")
        self.form.add("addresses", "Addresses", self.field)

    def secrets(self) -> Sequence[Secret]:
        return [Secret(f"password of {address}") for address in self.field.text().split()]

    def asks(self, refs: Sequence[SecretRef]) -> Sequence[Ask]:
        pairs = zip(self.field.text().split(), refs, strict=True)
        return [Ask(ResetPassword(SERVER, address, ref.path), (ref,)) for address, ref in pairs]


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def engine(services: FakeServices) -> Engine:
    return services.submit


@pytest.fixture
def sheet(qtbot: Any, services: FakeServices) -> Sheet:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1000, 700)
    window.show()
    sheet = Sheet(services, window)
    sheet.open()
    sheet.act.click()
    return sheet


def addresses(engine: Engine) -> list[str]:
    return [request.address for request in engine.asked if isinstance(request, ResetPassword)]


def test_what_is_typed_while_it_seals_is_not_what_was_agreed_to(sheet: Sheet, engine: Engine) -> None:
    sheet.field.setText("another@a.example")
    assert not engine.asked
    engine.sealing[0](None)

    assert addresses(engine) == ["one@a.example", "two@a.example"]


def test_who_gives_up_while_it_seals_has_asked_for_nothing_and_nothing_is_kept(sheet: Sheet, engine: Engine) -> None:
    assert engine.kept
    sheet.reject()
    engine.sealing[0](None)

    assert (engine.asked, engine.kept) == ([], set())


def test_of_several_it_is_told_which_secrets_the_engine_needs(sheet: Sheet, engine: Engine) -> None:
    taken: list[tuple[Sequence[UUID], Sequence[bool]]] = []
    refused: list[MailyardError] = []
    sheet.taken.connect(lambda jobs: taken.append((jobs, sheet.were_taken)))
    sheet.refused.connect(refused.append)
    engine.sealing[0](None)
    engine.looking[0](Refused("There is no mailbox one@a.example."))
    engine.looking[1](None)

    ((jobs, were_taken),) = taken
    assert (len(jobs), were_taken) == (1, [False, True])
    assert [error.title for error in refused] == ["There is no mailbox one@a.example."]
    assert len(engine.kept) == 1


def test_what_is_refused_whole_can_be_put_right_and_asked_again(sheet: Sheet, engine: Engine) -> None:
    engine.sealing[0](None)
    for look in list(engine.looking):
        look(Refused("The domain is gone."))
    assert sheet.banner.title.text() == "The domain is gone."
    assert (sheet.isVisible(), engine.kept) == (True, set())

    sheet.field.setText("three@b.example")
    sheet.act.click()
    engine.sealing[1](None)
    assert addresses(engine)[2:] == ["three@b.example"]
