"""A mail server that runs is changed: its settings by a preview, its containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backend.core.errors import Refused
from backend.demo.fleet.mail import RESTARTING, SIZES
from backend.demo.fleet.mail_commands import FILTER
from backend.engine.context import StepContext
from backend.engine.jobs import Ask, Done
from backend.engine.payload import Request, Result, from_plain
from backend.engine.plan import Answer, Effect
from backend.mail.change.requests import ALL, ChangeMail, PowerMail
from backend.mailu.files import COMPOSE_PATH, ENV_PATH
from backend.mailu.settings import MailSettings
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.demo.fleet.opened import Opened, opened_demo
from tests.backend.servers.steps import step_context
from tests.installation import question_of, until

NAME = next(name for name in SIZES if name not in RESTARTING)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_demo(tmp_path_factory.mktemp("changes"), has_engine=True) as made:
        yield made


@pytest.fixture
def server(running: Opened) -> Any:
    return running.servers()[NAME].id


def there(running: Opened, path: str) -> str:
    """A file of the server."""
    with running.installation.servers.session(running.servers()[NAME].id) as ssh:
        return ssh.get(path).decode()


def by_hand(running: Opened, path: str, before: str, after: str) -> None:
    """Somebody's change of a file of the server."""
    with running.installation.servers.session(running.servers()[NAME].id) as ssh:
        text = ssh.get(path).decode()
        assert before in text
        ssh.put(path, text.replace(before, after).encode(), mode=0o600)


def row(running: Opened) -> MailServer:
    with running.installation.store.read(ENGINE_SCOPE) as session:
        return session.get_one(MailServer, (AGENCY, running.servers()[NAME].id))


def settings(running: Opened) -> MailSettings:
    return from_plain(MailSettings, row(running).settings or {})


def asked(running: Opened, request: Request) -> tuple[Job, tuple[Effect, ...]]:
    """The job that waits for a person, and what it would do."""
    job = running.driver.wait_for(running.driver.submit(request), "waiting_for_you", "failed", seconds=120)
    assert job.state == "waiting_for_you", (job.cause, job.remedy)
    return job, question_of(job).effects


def agree(running: Opened, job: Job) -> None:
    running.driver.act(job.id, "job.confirm", fingerprint=question_of(job).fingerprint)


def done(running: Opened, job: Job) -> Job:
    ended = running.driver.wait_for(job.id, seconds=120)
    assert ended.state == "succeeded", (ended.cause, ended.remedy, running.driver.described(job.id))
    return ended


def agreed(running: Opened, request: Request) -> dict[str, str]:
    """The preview of a change that was agreed to and carried out."""
    job, effects = asked(running, request)
    agree(running, job)
    done(running, job)
    return {each.label: each.value for each in effects}


def test_a_setting_is_changed_as_its_preview_says_and_nothing_else(running: Opened, server: Any) -> None:
    before = there(running, ENV_PATH).splitlines()

    effects = agreed(running, ChangeMail(server, message_mb=30))

    assert effects["MESSAGE_SIZE_LIMIT"] == "50000000 → 30000000"
    assert "admin" in effects["Made anew"]
    assert "redis" not in effects["Made anew"]
    after = there(running, ENV_PATH).splitlines()
    assert [line for line in after if line not in before] == ["MESSAGE_SIZE_LIMIT=30000000"]
    assert len(after) == len(before)
    assert settings(running).message_mb == 30
    agreed(running, ChangeMail(server, message_mb=50))


def test_what_was_changed_by_hand_is_shown_and_kept_until_a_person_decides_otherwise(
    running: Opened, server: Any
) -> None:
    by_hand(running, ENV_PATH, "MESSAGE_RATELIMIT=200/day", "MESSAGE_RATELIMIT=500/day\nWELCOME=true # ours")

    effects = agreed(running, ChangeMail(server, scans_macros=False))

    assert effects["Kept: MESSAGE_RATELIMIT"] == "500/day"
    assert effects["Kept: WELCOME"].startswith("true")
    assert "MESSAGE_RATELIMIT=500/day\nWELCOME=true # ours" in there(running, ENV_PATH)
    assert (settings(running).messages_per_day, settings(running).scans_macros) == (500, False)
    assert "oletools" not in there(running, COMPOSE_PATH)

    effects = agreed(running, ChangeMail(server, scans_macros=True, messages_per_day=200, sets_back=("WELCOME",)))
    assert effects["MESSAGE_RATELIMIT"] == "500/day → 200/day"
    assert "WELCOME" not in there(running, ENV_PATH)
    assert "oletools" in there(running, COMPOSE_PATH)


def test_a_secret_that_was_changed_is_told_and_never_shown(running: Opened, server: Any) -> None:
    secret = next(line for line in there(running, ENV_PATH).splitlines() if line.startswith("SECRET_KEY="))
    by_hand(running, ENV_PATH, secret, "SECRET_KEY=CANARY-changed-by-hand")

    job, effects = asked(running, ChangeMail(server, sets_back=(ALL,)))

    told = {each.label: f"{each.value} {each.note}" for each in effects}
    assert told["SECRET_KEY"].startswith("••• → •••")
    assert "CANARY" not in repr(effects)
    running.driver.act(job.id, "job.cancel")
    by_hand(running, ENV_PATH, "SECRET_KEY=CANARY-changed-by-hand", secret)


def test_files_that_were_changed_after_the_preview_are_asked_about_again(running: Opened, server: Any) -> None:
    job, _effects = asked(running, ChangeMail(server, message_mb=40))
    by_hand(running, ENV_PATH, "LOG_LEVEL=INFO", "LOG_LEVEL=WARNING")

    agree(running, job)

    def is_asked_again() -> bool:
        found = running.driver.job(job.id)
        assert found is not None
        return any(each.label == "Kept: LOG_LEVEL" for each in question_of(found).effects)

    until(is_asked_again, "another question")

    assert "MESSAGE_SIZE_LIMIT=50000000" in there(running, ENV_PATH)
    running.driver.act(job.id, "job.cancel")
    by_hand(running, ENV_PATH, "LOG_LEVEL=WARNING", "LOG_LEVEL=INFO")


def test_ports_are_opened_in_the_compose_file_and_the_packet_filter(running: Opened, server: Any) -> None:
    ports = settings(running).ports
    by_hand(running, COMPOSE_PATH, "0.0.0.0:80:80", "127.0.0.1:8080:80  # the old proxy\n    - 0.0.0.0:80:80")

    effects = agreed(running, ChangeMail(server, ports=(*ports, 995)))

    assert (effects["docker-compose.yml"], effects["Comments"]) == ("~ front", "comments of 1 line are lost")

    compose = there(running, COMPOSE_PATH)
    assert "0.0.0.0:995:995" in compose
    assert "127.0.0.1:8080:80" in compose
    assert "995" in there(running, "/etc/mailyard/filter.nft")
    agreed(running, ChangeMail(server, ports=ports))
    assert "995" not in there(running, COMPOSE_PATH) + there(running, "/etc/mailyard/filter.nft")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"message_mb": 0}, "between 1 and"),
        ({"messages_per_day": 0}, "at least one message"),
        ({"ports": (25, 80)}, "Mailu always opens"),
        ({"ports": (22, 25, 80, 443, 465, 993)}, "nothing that listens on port 22"),
    ],
)
def test_a_setting_that_will_not_do_is_refused_in_words(
    running: Opened, server: Any, changes: dict[str, Any], words: str
) -> None:
    request = ChangeMail(server, **changes)
    with running.installation.store.write(ENGINE_SCOPE) as session, pytest.raises(Refused, match=words):
        running.installation.kinds[request.kind].accept(session, request)


@pytest.mark.parametrize(
    ("changes", "words"), [({}, "set up like that already"), ({"sets_back": ("TZ",)}, "as Mailyard wrote it")]
)
def test_a_change_of_nothing_is_told(running: Opened, server: Any, changes: dict[str, Any], words: str) -> None:
    job = running.driver.wait_for(running.driver.submit(ChangeMail(server, **changes)), "failed", seconds=120)

    assert words in job.cause


def again(running: Opened, request: Any, keys: tuple[str, ...]) -> None:
    """Each step twice, as after a kill at its end; a question is agreed to."""
    results: dict[str, Result] = {}
    steps = running.installation.kinds[request.kind].steps(request)
    first = step_context(running.installation, request, results)
    for step in steps:
        for _run in range(2):
            context = step_context(running.installation, request, results)
            context.job = first.job
            outcome = step.run(context)
            if isinstance(outcome, Ask):
                context.answer = Answer("tester", outcome.question.fingerprint)
                outcome = step.run(context)
            if outcome.result is not None:  # type: ignore[union-attr]
                results[step.key] = outcome.result  # type: ignore[union-attr]
    assert tuple(step.key for step in steps) == keys


def test_each_step_may_run_again_and_comes_to_the_same_end(running: Opened, server: Any) -> None:
    before = there(running, ENV_PATH), there(running, COMPOSE_PATH)

    keys = ("look", "images", "filter", "write", "start", "well", "proof", "note")
    again(running, ChangeMail(server, message_mb=25, webmail="none"), keys)

    assert settings(running).webmail == "none"
    assert "webmail" not in there(running, COMPOSE_PATH).replace("webmail:", "")
    again(running, ChangeMail(server, message_mb=50, webmail="roundcube"), keys)
    assert there(running, ENV_PATH) == before[0]


def test_a_change_that_is_taken_back_leaves_the_files_as_they_were(running: Opened, server: Any) -> None:
    before = there(running, ENV_PATH), there(running, COMPOSE_PATH)
    request = ChangeMail(server, message_mb=25, webmail="none")
    steps = running.installation.kinds[request.kind].steps(request)
    results: dict[str, Result] = {}
    context = step_context(running.installation, request, results)
    asked_for = steps[0].run(context)
    assert isinstance(asked_for, Ask)
    context.answer = Answer("tester", asked_for.question.fingerprint)
    results["look"] = steps[0].run(context).result  # type: ignore[union-attr,assignment]
    context = step_context(running.installation, request, results)
    for step in steps[1:5]:
        step.run(context)
    assert (there(running, ENV_PATH), there(running, COMPOSE_PATH)) != before

    for step in reversed(steps[:5]):
        if step.undo is not None:
            step.undo(context)

    assert (there(running, ENV_PATH), there(running, COMPOSE_PATH)) == before


def test_it_is_stopped_started_and_restarted(running: Opened, server: Any) -> None:
    job = running.driver.wait_for(running.driver.submit(PowerMail(server, "stop")), seconds=120)
    assert (job.state, row(running).state) == ("succeeded", "stopped")
    refused = ChangeMail(server, message_mb=30)
    with running.installation.store.write(ENGINE_SCOPE) as session, pytest.raises(Refused, match="does not run"):
        running.installation.kinds[refused.kind].accept(session, refused)

    for act in ("start", "restart"):
        job = running.driver.wait_for(running.driver.submit(PowerMail(server, act)), seconds=120)
        assert (job.state, row(running).state) == ("succeeded", "running")


def test_ports_are_as_before_where_the_packet_filter_fails(
    running: Opened, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind: Any = running.installation.kinds[ChangeMail.kind]
    open_ports = kind._steps.open_ports

    def fails(ctx: StepContext[ChangeMail]) -> Done:
        open_ports(ctx)
        raise Refused("No such table.")

    monkeypatch.setattr(kind._steps, "open_ports", fails)
    job, _effects = asked(running, ChangeMail(server, ports=(*settings(running).ports, 995)))
    agree(running, job)

    assert running.driver.wait_for(job.id, seconds=120).cause == "No such table."
    assert "995" not in there(running, FILTER)
