"""App tokens: listed, made once with a secret that only the asker reads, deleted; those of others are left alone."""

from __future__ import annotations

from typing import Any

import pytest

from backend.core.secrets.one_time import new_key, opened
from backend.core.secrets.values import Secret
from backend.engine.context import StepContext
from backend.engine.jobs import Done
from backend.engine.payload import to_plain
from backend.mail.acts.tokens import name_of
from backend.mail.requests import AddToken, EndTokens, ReadMail, RemoveMailbox, RemoveToken
from backend.mail.token_queries import AppTokens, MadeToken
from backend.store.schema.mail import AppToken
from backend.store.schema.operations import Job
from backend.store.scope import Scope
from tests.backend.mail.world import CLIENT, DOMAIN, OTHER_CLIENT, MailWorld
from tests.backend.servers.steps import step_context
from tests.installation import ask

pytestmark = pytest.mark.judged_once

ME, YOU = f"me@{DOMAIN}", f"you@{DOMAIN}"
KEY = new_key()
PHONE = "Phone"


@pytest.fixture
def mailboxes(settled: MailWorld) -> MailWorld:
    """A world with two mailboxes, each with a token of somebody else."""
    for address in (ME, YOU):
        settled.by_hand("POST", "/user", {"email": address, "raw_password": "first-Secret-1"})
        settled.by_hand("POST", f"/tokenuser/{address}", {"comment": PHONE, "AuthorizedIP": ["198.51.100.7"]})
    settled.done(ReadMail(settled.server))
    return settled


def asked(world: MailWorld, *networks: str, comment: str = PHONE) -> AddToken:
    with KEY.lent() as key:
        return AddToken(world.server, ME, world.kept(key), comment, networks)


def told(world: MailWorld, address: str = ME) -> list[tuple[int, str, list[str]]]:
    """As Mailu has them."""
    return [
        (each["id"], each["comment"], each["AuthorizedIP"]) for each in world.by_hand("GET", f"/tokenuser/{address}")
    ]


class Steps:
    """The steps of one job, one by one: as after a kill."""

    def __init__(self, world: MailWorld, request: AddToken) -> None:
        self._steps = {each.key: each for each in world.installation.kinds[request.kind].steps(request)}
        self._context: StepContext[Any] = step_context(world.installation, request)
        self._left: dict[str, Any] = {}
        self.job_id = self._context.job.id

    def run(self, key: str) -> None:
        outcome = self._steps[key].run(self._context.begin(5, self._left, None))
        assert isinstance(outcome, Done)
        if outcome.result is not None:
            self._left[key] = to_plain(outcome.result)

    def undo(self, key: str) -> None:
        undo = self._steps[key].undo
        assert undo is not None
        undo(self._context.begin(5, self._left, None))


def secret(world: MailWorld, job: Job) -> Secret | None:
    made = ask(world.installation, MadeToken(Scope.of(CLIENT, job.tenant_id), job.id))
    return opened(made.sealed, KEY) if made is not None else None


def test_app_tokens_are_listed_without_their_secrets_for_whoever_sees_the_mailbox(mailboxes: MailWorld) -> None:
    rows = ask(mailboxes.installation, AppTokens(Scope.of(CLIENT)))

    assert [(row.address, row.token_id, row.comment, row.networks) for row in rows] == [
        (ME, "1", PHONE, ("198.51.100.7",)),
        (YOU, "2", PHONE, ("198.51.100.7",)),
    ]
    assert all(row.created_on is not None for row in rows)
    assert len(ask(mailboxes.installation, AppTokens(Scope.of(CLIENT), DOMAIN, ME))) == 1
    assert ask(mailboxes.installation, AppTokens(Scope.of(OTHER_CLIENT))) == ()


def test_a_new_one_is_made_and_only_the_asker_reads_its_secret(mailboxes: MailWorld) -> None:
    request = asked(mailboxes, " 2001:DB8::7 ", "203.0.113.0/24", comment=" Tablet ")

    job = mailboxes.done(request)

    assert told(mailboxes)[1:] == [(3, "Tablet", ["2001:db8::7", "203.0.113.0/24"])]
    found = secret(mailboxes, job)
    assert found is not None
    assert len(found.reveal()) == 32
    assert not mailboxes.lies_there(request.key_ref)
    made = ask(mailboxes.installation, MadeToken(Scope.of(job.tenant_id), job.id))
    assert made is not None
    assert found.reveal() not in made.sealed
    assert opened(made.sealed, new_key()) is None
    assert [row.token_id for row in mailboxes.rows(AppToken) if row.address == ME] == ["1", "3"]


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "malformed", "500"])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_lost_answer_leaves_one_whose_secret_is_known_and_those_of_others(
    mailboxes: MailWorld, method: str, fault: str
) -> None:
    """Somebody else's has the very name and networks that ours gets."""
    mailboxes.mailu.fault(fault, method, "/api/v1/token")

    if method == "DELETE":
        mailboxes.done(RemoveToken(mailboxes.server, ME, "1", PHONE))
        assert told(mailboxes) == []
    else:
        job = mailboxes.done(asked(mailboxes, "198.51.100.7"))
        assert [each[1:] for each in told(mailboxes)] == [(PHONE, ["198.51.100.7"])] * 2
        assert secret(mailboxes, job) is not None
    assert told(mailboxes, YOU) == [(2, PHONE, ["198.51.100.7"])]


def test_what_a_kill_left_is_replaced(mailboxes: MailWorld) -> None:
    """Made, and killed before its secret was written down; made again, named, killed before that was written down."""
    request = asked(mailboxes)
    steps = Steps(mailboxes, request)
    for key in ("look", "make", "make"):
        steps.run(key)
    assert [comment for _id, comment, _networks in told(mailboxes)] == [PHONE, name_of(steps.job_id)]

    for _time in range(2):
        steps.run("name")

    assert [comment for _id, comment, _networks in told(mailboxes)] == [PHONE, PHONE]


@pytest.mark.parametrize("until", [("look",), ("look", "make"), ("look", "make", "name")], ids=len)
def test_one_that_is_taken_back_is_deleted_and_no_other(mailboxes: MailWorld, until: tuple[str, ...]) -> None:
    request = asked(mailboxes, "198.51.100.7")
    steps = Steps(mailboxes, request)
    for key in until:
        steps.run(key)

    for key in ("make", "look"):
        steps.undo(key)

    assert told(mailboxes) == [(1, PHONE, ["198.51.100.7"])]
    assert not mailboxes.lies_there(request.key_ref)


def test_a_number_that_was_given_again_is_not_deleted(mailboxes: MailWorld) -> None:
    mailboxes.by_hand("POST", f"/tokenuser/{ME}", {"comment": "Old"})
    mailboxes.done(ReadMail(mailboxes.server))
    mailboxes.by_hand("DELETE", "/token/3")
    mailboxes.by_hand("POST", f"/tokenuser/{ME}", {"comment": "New"})

    job = mailboxes.job(RemoveToken(mailboxes.server, ME, "3", "Old"))

    assert (job.state, job.cause) == ("failed", "The app token with the number 3 is another one now: New")
    assert (
        mailboxes.note(mailboxes.done(RemoveToken(mailboxes.server, ME, "9", "Old")), "change") == "it is gone already"
    )
    mailboxes.done(RemoveToken(mailboxes.server, ME, "3", "New"))
    assert [each[0] for each in told(mailboxes)] == [1]


def test_those_that_end_with_their_mailbox_go_here(mailboxes: MailWorld) -> None:
    mailboxes.done(EndTokens(mailboxes.server, ME))
    assert [row.address for row in mailboxes.rows(AppToken)] == [YOU]

    mailboxes.done(RemoveMailbox(mailboxes.server, YOU, YOU))
    assert mailboxes.rows(AppToken) == []


def test_what_mailu_would_not_take_is_refused_with_words(mailboxes: MailWorld) -> None:
    nobody = f"nobody@{DOMAIN}"
    for request, said in (
        (
            asked(mailboxes, "203.0.113.0/24", "203.0.113.9/24"),
            "203.0.113.9/24 is neither an IP address nor a network. Did you mean 203.0.113.0/24?",
        ),
        (asked(mailboxes, "office"), "office is neither an IP address nor a network. Use an address"),
        (asked(mailboxes, "fe80::1%eth0"), "fe80::1%eth0 is neither"),
        (asked(mailboxes, comment="  "), "An app token needs a name."),
        (asked(mailboxes, comment="x" * 256), "is too long."),
        (AddToken(mailboxes.server, nobody, "x", PHONE), f"There is no mailbox {nobody}."),
        (RemoveToken(mailboxes.server, nobody, "1"), f"There is no mailbox {nobody}."),
    ):
        assert said in mailboxes.refusal(request)
