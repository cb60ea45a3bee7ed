"""``mailyard mailbox``: list, add, import, set, password, delete."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.domain_templates import MB
from app.cli.following import end_of, submit_and_follow
from app.cli.mail import address_of, domain_of, domain_or_all
from app.cli.options import read_secret
from app.cli.output import AsJobJson, AsJson, Exit, OfWorkspace, Yes, ask_typed, ask_yes, give_up, show, show_json, tell
from app.cli.session import changing, everybody, reading, scope_of
from backend.core.errors import Refused
from backend.core.secrets.values import Secret, SecretRef
from backend.mail.new_passwords import check_password, made_up_password
from backend.mail.requests import AddMailboxes, NewMailbox, RemoveMailbox, ResetPassword, SetMailbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.cli.session import CommandSession
    from backend.mail.csv_import import MailboxLine

app = typer.Typer(no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="The whole address, e.g. info@example.com.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input; else one is made up.")
]
LIST = ("address", "display_name", "used_bytes", "quota_bytes", "is_enabled", "must_change_password", "forwards_to")
LARGEST_FILE = 5_000_000


@app.command("list")
def list_mailboxes(
    context: typer.Context,
    domain: Annotated[str, typer.Argument(help="Of this domain alone.")] = "",
    as_json: AsJson = False,
    workspace: OfWorkspace = "",
) -> None:
    """Mailboxes with use and quota."""
    from backend.mail.queries import Mailboxes

    with reading(context.obj) as session:
        scope = scope_of(session, workspace) if workspace else everybody(session)
        rows = session.ask(Mailboxes(scope, domain_or_all(session, domain)))
    show(rows, as_json=as_json, columns=LIST, empty="No mailboxes yet: mailyard mailbox add ADDRESS")


@app.command()
def add(
    context: typer.Context,
    address: Address,
    name: Annotated[str, typer.Option(help="The person's or the office's name.")] = "",
    quota_mb: Annotated[
        int | None, typer.Option(min=1, help="How much it may hold; no limit if none is given.")
    ] = None,
    password_stdin: PasswordStdin = False,
    keep_password: Annotated[bool, typer.Option("--keep-password", help="Not to be changed at first login.")] = False,
    as_json: AsJobJson = False,
) -> None:
    """One mailbox; a password that was made up is printed once."""
    with changing(context.obj) as session:
        row, plain = address_of(session, address)
        password, is_made_up = _password(from_stdin=password_stdin)
        ref = _keep(session, password)
        quota = None if quota_mb is None else quota_mb * MB
        new = NewMailbox(plain.rpartition("@")[0], ref.path, name, quota)
        request = AddMailboxes(row.server_id, row.name, (new,), must_change=not keep_password)
        _carry_out(session, request, [ref], {plain: password} if is_made_up else {}, as_json=as_json)


@app.command("import")
def import_mailboxes(
    context: typer.Context,
    domain: Annotated[str, typer.Argument(help="The domain they are of.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="address, password, name, quota_mb.")],
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Import the good lines although some are bad.")] = False,
    yes: Yes = False,
    as_json: AsJobJson = False,
) -> None:
    """Many mailboxes from a CSV; bad lines are named, and nothing is done while there are any."""
    from backend.mail.csv_import import read_mailboxes

    with changing(context.obj) as session:
        row = domain_of(session, domain)
        preview = read_mailboxes(_text(file), row.name)
        for bad in preview.bad:
            tell(f"line {bad.number}: {bad.text or '-'}: {bad.why}")
        if preview.bad and not skip_bad:
            give_up(Exit.REFUSED, "Nothing was done. --skip-bad leaves the bad lines out.")
        if not preview.good:
            give_up(Exit.USAGE, f"{file.name} has no mailboxes.")
        ask_yes(f"Add mailboxes to {row.name}: {len(preview.good)}?", yes=yes)
        refs, made_up = _keep_all(session, preview.good, row.name)
        news = tuple(
            NewMailbox(line.local_part, ref.path, line.display_name, line.quota_bytes or row.max_quota_bytes)
            for line, ref in zip(preview.good, refs, strict=True)
        )
        _carry_out(session, AddMailboxes(row.server_id, row.name, news), refs, made_up, as_json=as_json)


@app.command("set")
def set_mailbox(
    context: typer.Context,
    address: Address,
    name: Annotated[str | None, typer.Option(help="The person's or the office's name.")] = None,
    quota_mb: Annotated[int | None, typer.Option(min=0, help="How much it may hold; 0 takes the limit away.")] = None,
    enable: Annotated[bool | None, typer.Option("--enable/--suspend", help="Whether it may be logged in to.")] = None,
    forward: Annotated[list[str] | None, typer.Option(help="Forward mail there too; again for more.")] = None,
    no_forward: Annotated[bool, typer.Option("--no-forward", help="End the forwarding.")] = False,
    keep_copy: Annotated[bool | None, typer.Option("--keep-copy/--no-copy", help="Forwarded mail stays too.")] = None,
    as_json: AsJobJson = False,
) -> None:
    """Change a mailbox; what is not given stays."""
    if forward and no_forward:
        raise typer.BadParameter("--no-forward takes no --forward.")
    if all(each is None for each in (name, quota_mb, enable, forward, keep_copy)) and not no_forward:
        give_up(Exit.USAGE, "Say what is to change: mailyard mailbox set --help")
    with changing(context.obj) as session:
        row, plain = address_of(session, address)
        request = SetMailbox(
            row.server_id,
            plain,
            display_name=name,
            quota_bytes=quota_mb * MB if quota_mb else None,
            no_quota=quota_mb == 0,
            is_enabled=enable,
            forwards_to=() if no_forward else (tuple(forward) if forward else None),
            keeps_copy=keep_copy,
        )
        end_of(session, submit_and_follow(session, request), as_json=as_json)


@app.command()
def password(
    context: typer.Context,
    address: Address,
    password_stdin: PasswordStdin = False,
    keep_password: Annotated[bool, typer.Option("--keep-password", help="Not to be changed at next login.")] = False,
    keep_tokens: Annotated[bool, typer.Option("--keep-tokens", help="App tokens go on working.")] = False,
    as_json: AsJobJson = False,
) -> None:
    """Give a mailbox another password; one that was made up is printed once."""
    with changing(context.obj) as session:
        row, plain = address_of(session, address)
        secret, is_made_up = _password(from_stdin=password_stdin)
        ref = _keep(session, secret)
        request = ResetPassword(
            row.server_id, plain, ref.path, must_change=not keep_password, ends_tokens=not keep_tokens
        )
        _carry_out(session, request, [ref], {plain: secret} if is_made_up else {}, as_json=as_json)


@app.command()
def delete(
    context: typer.Context,
    address: Address,
    typed_name: Annotated[str, typer.Option(help="The address once more, instead of being asked.")] = "",
    as_json: AsJobJson = False,
) -> None:
    """Delete a mailbox; its folder of mail stays on the server."""
    with changing(context.obj) as session:
        row, plain = address_of(session, address)
        typed = typed_name or ask_typed(plain, "This deletes {name}.")
        end_of(session, submit_and_follow(session, RemoveMailbox(row.server_id, plain, typed)), as_json=as_json)


def _password(*, from_stdin: bool) -> tuple[Secret, bool]:
    """The password, and whether it was made up here."""
    if not from_stdin:
        return made_up_password(), True
    told = Secret(read_secret("password", from_stdin=True))
    check_password(told)
    return told, False


def _keep(session: CommandSession, password: Secret) -> SecretRef:
    from backend.store.scope import AGENCY

    return session.installation.client.keep_secret_now("smtp", AGENCY, password)


def _keep_all(
    session: CommandSession, lines: Sequence[MailboxLine], domain: str
) -> tuple[list[SecretRef], dict[str, Secret]]:
    """Where the passwords lie, in the order of the lines, and those that were made up, by their addresses."""
    from backend.store.scope import AGENCY

    passwords = [line.password or made_up_password() for line in lines]
    pairs = zip(lines, passwords, strict=True)
    made_up = {f"{line.local_part}@{domain}": password for line, password in pairs if line.password is None}
    return session.installation.client.keep_secrets_now("smtp", AGENCY, passwords), made_up


def _carry_out(
    session: CommandSession,
    request: AddMailboxes | ResetPassword,
    refs: Sequence[SecretRef],
    made_up: Mapping[str, Secret],
    *,
    as_json: bool,
) -> None:
    """Follow the job to its end. Passwords that were made up are told once, also while the job is under way still:
    nothing else shows them again. Those of a request that was refused are forgotten.
    """
    passwords = {address: password.reveal() for address, password in made_up.items()}
    try:
        detail = submit_and_follow(session, request)
    except Refused:
        session.installation.secrets.forget_all(refs)
        raise
    except typer.Exit:
        _show_passwords(passwords, as_json=as_json)
        raise
    if not as_json:
        _show_passwords(passwords, as_json=False)
    end_of(session, detail, as_json=as_json, more={"passwords": passwords})


def _show_passwords(passwords: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        show_json({"passwords": passwords})
        return
    for address, password in passwords.items():
        typer.echo(f"{address}\t{password}")


def _text(file: Path) -> str:
    if file.stat().st_size > LARGEST_FILE:
        give_up(Exit.USAGE, f"{file.name} is larger than {LARGEST_FILE // MB} MB.")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        give_up(Exit.USAGE, f"{file.name} is not UTF-8: save it again as CSV UTF-8.")
