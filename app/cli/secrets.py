"""``mailyard secrets``: the key of the secret store, and what may be revealed of what lies in it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from app.cli.options import new_passphrase, read_secret
from app.cli.output import AsJson, Exit, give_up, say, show, show_json
from app.cli.own_screen import show_for_a_while
from app.cli.session import CommandSession, opened, reading
from backend.core.secrets.values import Secret

app = typer.Typer(no_args_is_help=True)

NOTHING = "Nothing that could be revealed is stored yet."
NewPassphrase = Annotated[
    int | None,
    typer.Option(help="Read the new passphrase from here; 0 is standard input. The current one: --passphrase-fd."),
]

LoginStdin = Annotated[bool, typer.Option("--login-stdin", help="Read the password of your login from standard input.")]


@dataclass(frozen=True)
class KeyChange:
    """What was done. ``engine_pid``: who runs on and needs the new key at its next start."""

    key_place: str
    is_changed: bool
    engine_pid: int | None


@dataclass(frozen=True)
class StoredSecretRow:
    """A secret that may be revealed, and what it belongs to."""

    ref: str
    title: str
    about: str


@dataclass(frozen=True)
class RevealedSecret:
    """What lies behind a reference."""

    ref: str
    title: str
    about: str
    value: str


@app.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """The stored secrets that can be revealed, without their values."""
    with reading(context.obj) as session:
        from backend.revealing import StoredSecrets

        found = session.ask(StoredSecrets(session.installation.features))
        rows = [StoredSecretRow(each.ref, each.title, each.about) for each in found]
        show(rows, as_json=as_json, columns=("title", "about", "ref"), empty=NOTHING)


@app.command()
def reveal(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(help="As secrets list shows it.", show_default=False)],
    login_stdin: LoginStdin = False,
    as_json: AsJson = False,
) -> None:
    """Show a stored secret, once who you are is proved again; the audit log keeps that."""
    if as_json and sys.stdout.isatty():
        give_up(Exit.USAGE, "On a terminal, --json would leave the secret there: leave it out, or write to a program.")
    with reading(context.obj) as session:
        reveals = session.installation.reveals
        asked = reveals.known(ref)
        proof = _passphrase(session) if reveals.asks_for == "passphrase" else _login(login_stdin)
        with reveals.reveal(ref, proof).lent() as value:
            if as_json:
                show_json(RevealedSecret(asked.ref, asked.title, asked.about, value))
            elif sys.stdout.isatty():
                show_for_a_while(value)
            else:
                typer.echo(value)


@app.command()
def passphrase(context: typer.Context, new_passphrase_fd: NewPassphrase = None, as_json: AsJson = False) -> None:
    """Change the passphrase of the secret store; refused where its key is in a keyring."""
    with opened(context.obj) as session:
        session.installation.secrets.check_has_passphrase()
        old, new = _proven(session), new_passphrase(new_passphrase_fd)
        session.installation.client.reseal_now(lambda store: store.change_passphrase(old, new), "secrets.passphrase")
        _tell(session, "The passphrase of the secret store was changed.", as_json=as_json)


@app.command()
def move(
    context: typer.Context,
    to: Annotated[Literal["keyring", "passphrase"], typer.Argument(help="Where it shall lie.", show_default=False)],
    new_passphrase_fd: NewPassphrase = None,
    login_stdin: LoginStdin = False,
    as_json: AsJson = False,
) -> None:
    """Move the key of the secret store into the desktop's keyring, or behind a passphrase.

    Out of the keyring, the password of your login is the proof, where this computer can check it.
    """
    with reading(context.obj) as session:
        session.installation.secrets.check_can_move(to)
        client = session.installation.client
        if to == "keyring":
            old = _proven(session)
            client.reseal_now(lambda store: store.move_to_keyring(old), "secrets.to_keyring")
            return _tell(session, "The key of the secret store is in the keyring now.", as_json=as_json)
        if session.installation.reveals.can_check_login:
            session.installation.reveals.prove_for_move(_login(login_stdin))
        new = new_passphrase(new_passphrase_fd)
        client.reseal_now(lambda store: store.move_to_passphrase(new), "secrets.to_passphrase")
        return _tell(session, "The secret store lies behind the passphrase now.", as_json=as_json)


def _login(from_stdin: bool) -> Secret:
    return Secret(read_secret("Password of your login", from_stdin=from_stdin, option="--login-stdin"))


def _proven(session: CommandSession) -> Secret:
    """The passphrase of now."""
    old = _passphrase(session)
    session.installation.secrets.prove(old)
    return old


def _passphrase(session: CommandSession) -> Secret:
    old = session.options.passphrase.get(is_new=False)
    if old is None:
        give_up(Exit.USAGE, "There is no terminal to ask for the current passphrase on: pass it with --passphrase-fd.")
    return old


def _tell(session: CommandSession, done: str, *, as_json: bool) -> None:
    change = KeyChange(session.installation.secrets.key_place, True, _engine_pid(session))
    if as_json:
        show_json(change)
        return
    say(done)
    if change.engine_pid is not None and change.key_place == "passphrase":
        say(f"The engine, process {change.engine_pid}, keeps running; give it the new passphrase at its next start.")


def _engine_pid(session: CommandSession) -> int | None:
    presence = session.presence()
    return presence.holder.pid if presence.holder is not None and presence.holder.is_known else None
