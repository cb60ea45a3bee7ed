"""``mailyard app-token``: list, add, delete; passwords of a mailbox for one device each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.mail import address_of
from app.cli.output import AsJobJson, AsJson, Exit, give_up, show, tell
from app.cli.session import changing, everybody, reading
from backend.core.errors import Refused
from backend.mail.requests import AddToken, EndTokens, RemoveToken

if TYPE_CHECKING:
    from uuid import UUID

    from app.cli.session import CommandSession
    from backend.core.secrets.values import Secret
    from backend.engine.payload import Request
    from backend.mail.token_queries import AppTokenRow

app = typer.Typer(no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="The mailbox, e.g. info@example.com.")]
LIST = ("token_id", "address", "comment", "networks", "created_on")
LOST = "Its secret can no longer be shown: delete it once it is made, and make another one."


@app.command("list")
def list_tokens(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Of this mailbox alone.")] = "",
    as_json: AsJson = False,
) -> None:
    """App tokens, what they are for and where they may be used; not their secrets."""
    with reading(context.obj) as session:
        rows = _rows(session, address_of(session, address)[1] if address else "")
    show(rows, as_json=as_json, columns=LIST, empty="No app tokens yet: mailyard app-token add ADDRESS --name WORDS")


@app.command()
def add(
    context: typer.Context,
    address: Address,
    name: Annotated[str, typer.Option(help="The device or program it is for.")],
    network: Annotated[
        list[str] | None, typer.Option(help="It may be used from this address or network; again for more.")
    ] = None,
    as_json: AsJobJson = False,
) -> None:
    """A new app token; its secret is printed once."""
    from backend.core.secrets.one_time import new_key
    from backend.store.scope import AGENCY

    with changing(context.obj) as session:
        row, plain = address_of(session, address)
        key = new_key()
        ref = session.installation.client.keep_secret_now("smtp", AGENCY, key)
        request = AddToken(row.server_id, plain, ref.path, name, tuple(network or ()))
        try:
            detail = submit_and_follow(session, request)
        except Refused:
            session.installation.secrets.forget(ref)
            raise
        except typer.Exit:
            tell(LOST)
            raise
        secret = _secret(session, detail.job.id, key)
        if secret and not as_json:
            typer.echo(f"{plain}\t{secret}")
        end_of(session, detail, as_json=as_json, more={"passwords": {plain: secret} if secret else {}})


@app.command()
def delete(
    context: typer.Context,
    address: Address,
    token_id: Annotated[str, typer.Argument(help="As app-token list shows it.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All that the mailbox has.")] = False,
    as_json: AsJobJson = False,
) -> None:
    """Delete an app token, or all of a mailbox: whoever has it cannot log in any more."""
    if bool(token_id) == every:
        give_up(Exit.USAGE, "Give either the token or --all.")
    with changing(context.obj) as session:
        row, plain = address_of(session, address)
        request: Request = EndTokens(row.server_id, plain)
        if not every:
            request = _removal(session, plain, token_id)
        end_of(session, submit_and_follow(session, request), as_json=as_json)


def _rows(session: CommandSession, address: str) -> tuple[AppTokenRow, ...]:
    from backend.mail.token_queries import AppTokens

    return session.ask(AppTokens(everybody(session), address=address))


def _removal(session: CommandSession, address: str, token_id: str) -> RemoveToken:
    found = next((row for row in _rows(session, address) if row.token_id == token_id), None)
    if found is None:
        give_up(Exit.NOT_FOUND, f"{address} has no app token {token_id}: mailyard app-token list {address}")
    return RemoveToken(found.server_id, address, token_id, found.comment)


def _secret(session: CommandSession, job_id: UUID, key: Secret) -> str:
    """What the job left, opened; empty where it left nothing."""
    from backend.core.secrets.one_time import opened
    from backend.mail.token_queries import MadeToken

    made = session.ask(MadeToken(everybody(session), job_id))
    secret = opened(made.sealed, key) if made is not None else None
    return secret.reveal() if secret is not None else ""
