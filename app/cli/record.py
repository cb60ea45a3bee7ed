"""``mailyard record``: records of mail authentication, judged by their text alone; nothing is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.batch import BadLine, Batch, Question, answer_lines, text_in
from app.cli.dmarc import NEWEST, ruleset_of
from app.cli.output import AsJson, Exit, give_up, say, show, show_json
from backend.authrecords.kinds import CHECKS, judged_record, kind_of
from backend.authrecords.verdict import RecordVerdict

if TYPE_CHECKING:
    from backend.authrecords.dmarc.record import Ruleset

TYPES = ", ".join(CHECKS)

app = typer.Typer(no_args_is_help=True)


@app.command()
def check(
    kind: Annotated[str | None, typer.Argument(metavar="TYPE", help=f"{TYPES}.")] = None,
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT",
            help="The record's text, also in quotes as zone files have it; of a policy the file's; CAA: a line each.",
        ),
    ] = None,
    ruleset: Annotated[
        str | None, typer.Option(metavar="7489|9989", help="Of DMARC: the RFC that receivers follow; 9989 if none.")
    ] = None,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Judge one record by its text. Exits with 1 if receivers would refuse it."""
    if batch is not None:
        if kind is not None or ruleset is not None:
            give_up(Exit.USAGE, "--batch takes no record beside it.")
        answer_lines(batch, _answer)
        return
    if kind is None or text is None:
        give_up(Exit.USAGE, f"Say the type ({TYPES}) and the text of the record.")
    if kind_of(kind) != "DMARC" and ruleset is not None:
        give_up(Exit.USAGE, "--ruleset is of DMARC alone.")
    try:
        verdict = _judged(kind, text, ruleset_of(ruleset or NEWEST))
    except BadLine as error:
        give_up(Exit.USAGE, f"{error}.")
    _show(verdict, as_json=as_json)
    if not verdict.valid:
        raise typer.Exit(int(Exit.FAILED))


async def _answer(question: Question) -> Any:
    kind = text_in(question, "type")
    ruleset = ruleset_of(text_in(question, "ruleset", NEWEST)) if kind_of(kind) == "DMARC" else NEWEST
    return _keys(_judged(kind, text_in(question, "text"), ruleset))


def _judged(kind: str, text: str, ruleset: Ruleset) -> RecordVerdict:
    """
    :raises BadLine: there is no such type.
    """
    known = kind_of(kind)
    if known is None:
        raise BadLine(f"type: {kind} is none of {TYPES}")
    return judged_record(known, text, ruleset)


def _keys(verdict: RecordVerdict) -> dict[str, Any]:
    """The keys that are promised; *revoked* is said of DKIM alone."""
    revoked = {"revoked": verdict.revoked} if verdict.kind == "DKIM" else {}
    return {"kind": verdict.kind, "valid": verdict.valid, **revoked, "problems": verdict.problems}


def _show(verdict: RecordVerdict, *, as_json: bool) -> None:
    if as_json:
        show_json(_keys(verdict))
        return
    say("valid" if verdict.valid else "not valid")
    if verdict.problems:
        show(verdict.problems, as_json=False, columns=("severity", "text", "rule"))
