"""``mailyard secrets begin-anew``: the way back in where the key of the secret store is lost."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from app.cli.accounts import accounts, replace_token, what_is_pasted
from app.cli.options import somebody_is_there
from app.cli.output import AsJson, Exit, Yes, clean, give_up, say, show_json, tell
from app.cli.session import ROLE, CommandSession, described, reading
from backend.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

WORDS = "begin anew"


@dataclass(frozen=True)
class LostRow:
    """A secret of the old store, what it belongs to, and how it is had again."""

    title: str
    about: str
    way_back: str


@dataclass(frozen=True)
class BegunAnew:
    """What was done. ``kept_as``: the name of the old store in the data folder, which opens if its key is found."""

    kept_as: str
    lost: tuple[LostRow, ...]


def begin_anew(context: typer.Context, yes: Yes = False, as_json: AsJson = False) -> None:
    """Put a secret store that cannot be opened aside and begin a new one; the fleet stays, tokens are entered again.

    Refused while an engine runs, and where the store opens.
    """
    with reading(context.obj) as session:
        _check_no_engine(session)
        _ask_once_more(session, yes=yes)
        lost = _lost(session)
        _show(session, lost, tell if as_json else say)
        _agree(yes=yes)
        kept_as = _put_aside(session).name
        if as_json:
            show_json(BegunAnew(kept_as, lost))
            return
        say(f"The old secret store is kept as {kept_as} in the data folder. mailyard doctor names what is missing.")
        if not yes:
            _ask_for_tokens(session)


def _check_no_engine(session: CommandSession) -> None:
    holder = session.presence().holder
    if holder is not None:
        raise Refused(
            f"The engine runs ({described(holder)}), and may have the store open.",
            remedy="Close the window, or stop it with mailyard engine stop, then retry.",
        )


def _ask_once_more(session: CommandSession, *, yes: bool) -> None:
    """A forgotten passphrase is asked for once, where nobody handed one over: an empty one says that it is lost."""
    source = session.options.passphrase
    if source.is_given:
        return
    source.drop()  # nobody is asked for it by what tries to open the store
    secrets = session.installation.secrets
    if yes or not secrets.exists or not somebody_is_there() or not _has_passphrase(session):
        return
    from backend.core.errors import SecretStoreLocked
    from backend.core.secrets.values import Secret

    question = "Passphrase of the secret store (Enter: it is lost)"
    typed = typer.prompt(question, hide_input=True, err=True, default="", show_default=False)
    if not typed:
        return
    try:
        secrets.prove(Secret(str(typed)))
    except SecretStoreLocked as error:
        tell(error.title)
    else:
        raise Refused("That passphrase opens the secret store: nothing of it is lost, so it stays.")


def _has_passphrase(session: CommandSession) -> bool:
    from backend.core.errors import StoreDamaged

    try:
        return session.installation.secrets.key_place == "passphrase"
    except StoreDamaged:
        return False


def _lost(session: CommandSession) -> tuple[LostRow, ...]:
    from backend.missing_secrets import NeededSecrets

    needed = session.ask(NeededSecrets(session.installation.features))
    return tuple(LostRow(each.title, each.about, each.way_back.format(name=each.about)) for each in needed)


def _show(session: CommandSession, lost: Sequence[LostRow], line: Callable[[str], None]) -> None:
    """:raises Refused: there is no store, or it opens."""
    from backend.core.secrets.anew import why_it_stays_shut

    line(why_it_stays_shut(session.installation.secrets).sentence())
    line(
        "It is put aside and kept; the fleet, its history and its settings stay. With its key is lost what lies in it:"
    )
    for row in lost:
        line(f"  {row.title}, {row.about}: {row.way_back}")
    line("Passwords that a job still waits to set are lost with it: order these jobs again.")


def _agree(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        give_up(Exit.USAGE, "There is no terminal to ask on: review what is lost, then pass --yes.")
    if str(typer.prompt(f"Type {WORDS} to continue", err=True)).strip() != WORDS:
        give_up(Exit.REFUSED, "Nothing was done.")


def _put_aside(session: CommandSession) -> Path:
    """While this process holds the engine's lock, so that no engine starts in between.

    :raises Refused: one has just started.
    """
    from backend.core.secrets.anew import begin_anew as begin

    kept: list[Path] = []
    installation = session.installation
    now, path = installation.clock.now(), installation.folder.sealed_secrets
    if not installation.lock.take(ROLE, now):
        _check_no_engine(session)
        raise Refused("An engine has just started.", remedy="Stop it with mailyard engine stop, then retry.")
    try:
        installation.client.reseal_now(
            lambda _store: kept.append(begin(installation.secrets, path, now)), "secrets.begin_anew"
        )
    finally:
        installation.lock.release()
    return kept[0]


def _ask_for_tokens(session: CommandSession) -> None:
    """Each account's once; one that is skipped, or turns out wrong, is entered later."""
    from backend.core.secrets.values import Secret

    session.options.passphrase.ask_again()  # a new store may lie behind a new passphrase
    for row in accounts(session):
        question = f"New {what_is_pasted(row.provider)} for {clean(row.name)} (Enter: later)"
        typed = str(typer.prompt(question, hide_input=True, err=True, default="", show_default=False)).strip()
        if not typed:
            tell(f"{row.name}: enter it later with mailyard account token {row.name}")
            continue
        job = replace_token(session, row, Secret(typed)).job
        tell(f"{row.name}: {job.state.replace('_', ' ')}. {job.cause} {job.remedy}".rstrip())
