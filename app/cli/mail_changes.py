"""``mailyard mail``: set, start, stop, restart, renew-token, renew-password, keep-files: of one that runs."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Annotated, cast

import typer

from app.cli.following import act, end_of, settle, submit_and_follow
from app.cli.jobs import show_question
from app.cli.output import AsJobJson, AsJson, Exit, Yes, ask_yes, give_up, show_json, tell
from app.cli.servers import found
from app.cli.session import agency, changing
from backend.engine.job_actions import ConfirmJob
from backend.mail.change.requests import ALL, ChangeMail, PowerAct, PowerMail, RenewPassword, RenewToken
from backend.mail.requests import KeepFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from app.cli.session import CommandSession
    from backend.engine.payload import Request
    from backend.mail.queries import MailServerRow
    from backend.mailu.settings import Webmail

app = typer.Typer()

Server = Annotated[str, typer.Argument(help="The server's full name, e.g. mx1.example.net.")]
WEBMAIL = ("roundcube", "snappymail", "none")
PORTS = re.compile(r"[0-9]{1,5}(,[0-9]{1,5})*")


@app.command("set")
def change(
    context: typer.Context,
    server: Server,
    message_mb: Annotated[int | None, typer.Option(help="The largest message, in MB.")] = None,
    messages_per_day: Annotated[int | None, typer.Option(help="Recipients a day of one login.")] = None,
    ports: Annotated[str, typer.Option(help="What it listens on, e.g. 25,80,443,465,587,993.")] = "",
    webmail: Annotated[str, typer.Option(help="roundcube, snappymail or none.")] = "",
    antivirus: Annotated[bool | None, typer.Option(help="ClamAV too; needs 4 GB of memory.")] = None,
    macros: Annotated[bool | None, typer.Option(help="Refuse attachments with dangerous macros.")] = None,
    set_back: Annotated[
        list[str] | None, typer.Option(help="A key of mailu.env that was changed by hand: Mailyard's value again.")
    ] = None,
    set_back_all: Annotated[bool, typer.Option("--set-back-all", help="The same for every such key.")] = False,
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Change settings: compared with what is on the server, shown line by line, then written once you agree."""
    if webmail and webmail not in WEBMAIL:
        raise typer.BadParameter(f"{webmail} is none of {', '.join(WEBMAIL)}.")
    if ports and not PORTS.fullmatch(ports):
        raise typer.BadParameter(f"{ports!r} are no ports: give numbers with commas between them.")
    asked = {
        "webmail": cast("Webmail", webmail) if webmail else None,
        "has_antivirus": antivirus,
        "scans_macros": macros,
        "ports": tuple(map(int, ports.split(","))) if ports else None,
        "message_mb": message_mb,
        "messages_per_day": messages_per_day,
    }
    back = (ALL,) if set_back_all else tuple(set_back or ())
    if not back and all(value is None for value in asked.values()):
        give_up(Exit.USAGE, "Name a setting to change: mailyard mail set --help")
    with changing(context.obj) as session:
        request = ChangeMail(found(session, server).id, **asked, sets_back=back)  # type: ignore[arg-type]
        detail = submit_and_follow(session, request)
        if detail.question is not None and detail.job.state == "waiting_for_you":
            show_question(detail.question, tell)
            if yes:
                detail = act(session, ConfirmJob(detail.job.id, detail.question.fingerprint))
        end_of(session, detail, as_json=as_json)


@app.command()
def start(context: typer.Context, server: Server, as_json: AsJobJson = False) -> None:
    """Start a mail server that was stopped, and wait until all its containers are healthy."""
    _power(context, server, "start", "", yes=True, as_json=as_json)


@app.command()
def stop(context: typer.Context, server: Server, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Stop a mail server: nobody reads or sends mail until it is started; the server itself goes on."""
    words = "Stop the mail server on {name}? Nobody reads or sends mail until it is started."
    _power(context, server, "stop", words, yes=yes, as_json=as_json)


@app.command()
def restart(context: typer.Context, server: Server, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Restart all containers of a mail server."""
    words = "Restart the mail server on {name}? Mail waits for about a minute."
    _power(context, server, "restart", words, yes=yes, as_json=as_json)


@app.command("renew-token")
def renew_token(context: typer.Context, server: Server, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Another token of Mailu's API; the old one ends once the new one is proved."""
    words = "Renew the API token of {name}? Mail waits for some seconds."
    _agreed(context, server, RenewToken, words, yes=yes, as_json=as_json)


@app.command("renew-password")
def renew_password(context: typer.Context, server: Server, yes: Yes = False, as_json: AsJobJson = False) -> None:
    """Another password of the mail administrator; the old one is good again where the new one is not proved.

    It is printed by no command but secrets reveal.
    """
    words = "Renew the administrator's password of {name}? Whoever uses the one of now needs the new one."
    _agreed(context, server, RenewPassword, words, yes=yes, as_json=as_json)


@app.command("keep-files")
def keep_files(context: typer.Context, server: Server, yes: Yes = False, as_json: AsJson = False) -> None:
    """Keep what somebody changed by hand in the files of a mail server; nothing on the server changes."""
    with changing(context.obj) as session:
        row = _mail_server(session, server)
        if not row.changed_by_hand:
            give_up(Exit.REFUSED, f"Nobody changed the files of the mail server on {row.server} by hand.")
        ask_yes(f"Keep as they are now: {', '.join(row.changed_by_hand)}?", yes=yes)
        settle(session, KeepFiles(row.server_id, row.files_stamp))
        if as_json:
            show_json(_mail_server(session, server))


def _mail_server(session: CommandSession, server: str) -> MailServerRow:
    """Its row; ends the command where the server has no mail server."""
    from backend.mail.queries import MailServers

    asked = found(session, server)
    rows = session.ask(MailServers(agency()))
    row = next((each for each in rows if each.server_id == asked.id), None)
    if row is None:
        give_up(Exit.NOT_FOUND, f"{asked.name} has no mail server: mailyard mail status")
    return row


def _power(context: typer.Context, server: str, what: PowerAct, words: str, *, yes: bool, as_json: bool) -> None:
    _agreed(context, server, partial(PowerMail, act=what), words, yes=yes, as_json=as_json)


def _agreed(
    context: typer.Context,
    server: str,
    request: Callable[[UUID], Request],
    words: str,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """``request`` of this server, once a person agreed to these words."""
    with changing(context.obj) as session:
        row = found(session, server)
        ask_yes(words.format(name=row.name), yes=yes)
        end_of(session, submit_and_follow(session, request(row.id)), as_json=as_json)
