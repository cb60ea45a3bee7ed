"""``mailyard record``: records of mail authentication, judged by their text alone; nothing is looked up."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.batch import BadLine, Batch, Question, answer_lines, text_in
from app.cli.output import AsJson, Exit, give_up, say, show, show_json
from backend.authrecords.kinds import CHECKS, check_of

TYPES = ", ".join(CHECKS)

app = typer.Typer(no_args_is_help=True)


@app.command()
def check(
    kind: Annotated[str | None, typer.Argument(metavar="TYPE", help=f"{TYPES}.")] = None,
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT", help="The record's text, also in quotes as zone files have it; of a policy the file's."
        ),
    ] = None,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Judge one record by its text. Exits with 1 if receivers would refuse it."""
    if batch is not None:
        if kind is not None:
            give_up(Exit.USAGE, "--batch takes no record beside it.")
        answer_lines(batch, _answer)
        return
    if kind is None or text is None:
        give_up(Exit.USAGE, f"Say the type ({TYPES}) and the text of the record.")
    judge = check_of(kind)
    if judge is None:
        give_up(Exit.USAGE, _unknown(kind))
    verdict = judge(text)
    if as_json:
        show_json(verdict)
    else:
        say("valid" if verdict.valid else "not valid")
        if verdict.problems:
            show(verdict.problems, as_json=False, columns=("severity", "text", "rule"))
    if not verdict.valid:
        raise typer.Exit(int(Exit.FAILED))


async def _answer(question: Question) -> Any:
    kind = text_in(question, "type")
    judge = check_of(kind)
    if judge is None:
        raise BadLine(f"type: {_unknown(kind).removesuffix('.')}")
    return judge(text_in(question, "text"))


def _unknown(kind: str) -> str:
    return f"There is no type {kind}; known are {TYPES}."
