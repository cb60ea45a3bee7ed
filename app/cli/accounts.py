"""``mailyard account``: add, new token, verify, list, charges, remove."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import typer

from app.cli.following import end_of, submit_and_follow
from app.cli.options import read_secret
from app.cli.output import AsJobJson, AsJson, Exit, give_up, moment, say, show, show_json
from app.cli.session import CommandSession, changing, reading
from backend.accounts.requests import AddAccount, ReadBilling, RemoveAccount, VerifyAccount
from backend.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.accounts.owed import OwedRow
    from backend.accounts.queries import AccountRow
    from backend.core.secrets.values import Secret
    from backend.engine.queries import JobDetail

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name.")]
LIST = ("name", "provider", "state", "holder", "servers", "verified_at", "note")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    provider: Annotated[str, typer.Option(help="As mailyard provider list names it.")] = "digitalocean",
    token_stdin: Annotated[bool, typer.Option(help="Read the token from standard input.")] = False,
    endpoint_url: Annotated[str | None, typer.Option(help="Alternative API URL: a proxy or test server.")] = None,
    as_json: AsJobJson = False,
) -> None:
    """Add an account and verify its token."""
    with changing(context.obj) as session:
        _check_endpoint(endpoint_url)
        value = _read_token(provider, from_stdin=token_stdin)
        detail = _bring(session, value, AddAccount(uuid4(), name, provider, "", endpoint_url))
        end_of(session, detail, as_json=as_json)


@app.command()
def token(
    context: typer.Context,
    name: Name,
    token_stdin: Annotated[bool, typer.Option(help="Read the token from standard input.")] = False,
    as_json: AsJobJson = False,
) -> None:
    """Enter a new token for an account, and verify that it is one of the same account at the provider."""
    with changing(context.obj) as session:
        row = _account(session, name)
        value = _read_token(row.provider, from_stdin=token_stdin)
        end_of(session, replace_token(session, row, value), as_json=as_json)


@app.command()
def verify(context: typer.Context, name: Name, as_json: AsJobJson = False) -> None:
    """Verify the token again and read regions, plans and images."""
    _on_account(context, name, VerifyAccount, as_json=as_json)


@app.command()
def remove(context: typer.Context, name: Name, as_json: AsJobJson = False) -> None:
    """Remove an account and its token; refused while it has servers created by Mailyard."""
    _on_account(context, name, RemoveAccount, as_json=as_json)


@app.command("list")
def list_accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """All accounts."""
    with reading(context.obj) as session:
        show(accounts(session), as_json=as_json, columns=LIST, empty="No accounts yet: mailyard account add NAME")


@app.command()
def charges(
    context: typer.Context,
    refresh: Annotated[bool, typer.Option(help="Query every provider first.")] = False,
    as_json: AsJson = False,
) -> None:
    """What each account owes and was billed, as its provider reports it."""
    if refresh:
        with changing(context.obj) as session:
            detail = submit_and_follow(session, ReadBilling())
            if detail.job.state != "succeeded":
                give_up(Exit.FAILED, detail.job.cause or "The accounts could not be queried.")
            rows = owed(session)
    else:
        with reading(context.obj) as session:
            rows = owed(session)
    if as_json:
        show_json(rows)
        return
    for row in rows:
        _say_owed(row)
    if not rows:
        say("No accounts yet: mailyard account add NAME")


def owed(session: CommandSession) -> Sequence[OwedRow]:
    """What every account owes."""
    from backend.accounts.owed import Owed

    return session.ask(Owed())


def _say_owed(row: OwedRow) -> None:
    from backend.core.present.format import money

    balance, so_far = money(row.balance_micro, row.currency), money(row.so_far_micro, row.currency)
    say(f"{row.account}: balance {balance}, this month so far {so_far}, read {moment(row.read_at)}")
    if row.trouble:
        say(f"  could not be queried: {row.trouble}")
    for invoice in row.invoices:
        day = invoice.issued.isoformat() if invoice.issued else "no date"
        say(f"  {day}  {invoice.number}  {money(invoice.total_micro, invoice.currency)}")


def account_id(session: CommandSession, name: str) -> UUID:
    """The id of the account with this name; ends the command when there is none."""
    return _account(session, name).id


def replace_token(session: CommandSession, row: AccountRow, value: Secret) -> JobDetail:
    """Keep a new token for an account and follow the job that verifies it: the one of the window's *New token...*.

    :raises Refused: the engine refused it; the token is forgotten again.
    :raises SecretStoreLocked: it cannot be kept.
    """
    return _bring(session, value, AddAccount(row.id, row.name, row.provider, "", row.endpoint_url))


def what_is_pasted(provider: str) -> str:
    """As the provider calls it; two parts are given with a colon between them."""
    from backend.providers.capabilities import clouds

    cloud = clouds().get(provider)
    if cloud is None:
        return "API token"
    return f"{cloud.recipe.key_id}:{cloud.recipe.secret}" if cloud.recipe.key_id else cloud.recipe.secret


def _bring(session: CommandSession, value: Secret, request: AddAccount) -> JobDetail:
    """Keep the token, write the request with its reference, follow the job."""
    from backend.store.scope import AGENCY

    ref = session.installation.client.keep_secret_now("api_keys", AGENCY, value)
    try:
        return submit_and_follow(session, replace(request, secret_ref=ref.path))
    except Refused:
        session.installation.secrets.forget(ref)
        raise


def _read_token(provider: str, *, from_stdin: bool) -> Secret:
    """Ends the command where it is empty."""
    from backend.core.secrets.values import Secret

    value = read_secret(what_is_pasted(provider), from_stdin=from_stdin).strip()
    if not value:
        give_up(Exit.USAGE, "The token is empty.")
    return Secret(value)


def _account(session: CommandSession, name: str) -> AccountRow:
    for row in accounts(session):
        if name in (row.name, str(row.id)):
            return row
    give_up(Exit.NOT_FOUND, f"There is no account named {name}. See mailyard account list.")


def accounts(session: CommandSession) -> Sequence[AccountRow]:
    """All accounts."""
    from backend.accounts.queries import Accounts

    return session.ask(Accounts())


def _check_endpoint(url: str | None) -> None:
    """Before anything is written: an address can hold a password, which must not even reach the request.

    :raises Refused: it is no address to send a token to.
    """
    from backend.providers.registry import check_endpoint

    if url is None:
        return
    if "@" in urlsplit(url).netloc or "@" in url.split("?")[0]:
        raise Refused(
            "The URL contains a user name or a password.",
            remedy="Enter the URL without them: the token alone identifies you.",
        )
    check_endpoint(url)


def _on_account(context: typer.Context, name: str, kind: type[VerifyAccount | RemoveAccount], *, as_json: bool) -> None:
    with changing(context.obj) as session:
        request = kind(account_id(session, name))
        end_of(session, submit_and_follow(session, request), as_json=as_json)
