"""``mailyard account``: add, verify, list, remove."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from app.cli.output import AsJson, Exit, give_up, read_secret, show
from app.cli.session import CommandSession, changing, end_of, reading

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name.")]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    provider: Annotated[str, typer.Option(help="digitalocean")] = "digitalocean",
    token_stdin: Annotated[bool, typer.Option(help="Read the token from standard input.")] = False,
    endpoint_url: Annotated[
        str | None, typer.Option(help="Another address of the API: a proxy or test server.")
    ] = None,
) -> None:
    """Add an account and verify its token."""
    from backend.core.secrets.values import Secret
    from backend.store.scope import AGENCY

    token = read_secret("API token", from_stdin=token_stdin)
    if not token:
        give_up(Exit.USAGE, "The token is empty.")
    with changing(context.obj) as session:
        ref = session.installation.client.keep_secret_now("api_keys", AGENCY, Secret(token))
        wish = {
            "account_id": str(uuid4()),
            "name": name,
            "provider": provider,
            "secret_ref": ref.path,
            "endpoint_url": endpoint_url,
        }
        end_of(session.follow(session.wish("account.add", wish)))


@app.command()
def verify(context: typer.Context, name: Name) -> None:
    """Prove the token again and read what is on offer."""
    _on_account(context, name, "account.verify")


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """Forget an account and its token; refused while it has servers made by Mailyard."""
    _on_account(context, name, "account.remove")


@app.command("list")
def list_accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """All accounts."""
    with reading(context.obj) as session:
        columns = ("name", "provider", "state", "holder", "servers", "verified_at", "note")
        show(_accounts(session), as_json=as_json, columns=columns)


def account_id(session: CommandSession, name: str) -> UUID:
    """The id of the account with this name; ends the command when there is none."""
    for row in _accounts(session):
        if name in (row.name, str(row.id)):
            found: UUID = row.id
            return found
    give_up(Exit.NOT_FOUND, f"There is no account named {name}.")


def _on_account(context: typer.Context, name: str, kind: str) -> None:
    with changing(context.obj) as session:
        end_of(session.follow(session.wish(kind, {"account_id": str(account_id(session, name))})))


def _accounts(session: CommandSession) -> Any:
    from backend.accounts.queries import Accounts

    return session.ask(Accounts())
