"""How a mail server's API is opened: with its token, which is not sent again once it was refused."""

from __future__ import annotations

import pytest

from backend.core.secrets.values import Secret
from backend.mail.refs import token_ref
from backend.mail.requests import ReadMail
from tests.backend.mail.world import MailWorld


def refused(world: MailWorld) -> int:
    """How many calls the API refused."""
    return [each["status"] for each in world.mailu.log()].count(403)


def test_a_refused_token_is_sent_once_however_many_jobs_there_are(settled: MailWorld) -> None:
    settled.installation.secrets.keep(token_ref(settled.server), Secret("wrong-Token-77c0ffee"))

    jobs = [settled.job(ReadMail(settled.server)) for _turn in range(7)]

    assert {(job.state, job.cause) for job in jobs} == {("failed", "Mailu refused the API token.")}
    assert refused(settled) == 1
    settled.installation.secrets.keep(token_ref(settled.server), Secret(settled.mailu.token))
    settled.done(ReadMail(settled.server))


def test_a_job_enters_the_server_once_a_step(settled: MailWorld) -> None:
    before = settled.hosts.entered

    settled.done(ReadMail(settled.server))

    assert settled.hosts.entered == before + 1


def test_a_token_that_is_missing_is_told(settled: MailWorld) -> None:
    settled.installation.secrets.forget(token_ref(settled.server))

    job = settled.job(ReadMail(settled.server))

    assert (job.state, job.cause) == ("failed", "A stored secret is missing.")


@pytest.mark.parametrize(
    ("order", "cause"),
    [
        ({"is_api_on": False}, "The mail server does not answer with its API."),
        ({"wrong_tokens": 0}, "Mailu has locked out the network that Mailyard comes from"),
    ],
    ids=["switched off", "locked out"],
)
def test_an_api_that_does_not_let_us_in_leaves_the_rows_as_they_were(
    settled: MailWorld, order: dict[str, object], cause: str
) -> None:
    settled.mailu.set("environment", **order)

    request = settled.driver.submit(ReadMail(settled.server))
    job = settled.driver.wait_for(request, "failed", "waiting_until")

    assert job.cause.startswith(cause)
    assert settled.domain().gone_at is None
    settled.driver.act(job.id, "job.cancel")
    settled.driver.wait_for(job.id, "failed", "cancelled")
