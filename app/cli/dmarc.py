"""``mailyard dmarc``: what DMARC makes of a message, by either of its texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.batch import BadLine, Batch, Question, answer_lines, text_in, texts_in
from app.cli.output import AsJson, Exit, cell, give_up, give_up_on, say, show_json, tell
from app.cli.resolving import ServerOption, resolver_of

if TYPE_CHECKING:
    from backend.authrecords.dmarc.evaluation import Evaluation
    from backend.authrecords.dmarc.record import Ruleset
    from backend.core.resolver import Resolver

NEWEST: Ruleset = "9989"
PROMISED = ("result", "policy", "record", "found_at")
SHOWN = (*PROMISED, "dkim", "spf")

app = typer.Typer(no_args_is_help=True)


@app.callback()
def dmarc() -> None:
    """DMARC, by RFC 7489 or by RFC 9989."""


@app.command("evaluate")
def evaluate_message(
    header_from: Annotated[
        str | None, typer.Option("--from", metavar="ADDRESS", help="The address in the From field, or its domain.")
    ] = None,
    dkim: Annotated[
        list[str] | None, typer.Option(metavar="DOMAIN", help="A domain whose DKIM signature passed; more than once.")
    ] = None,
    spf: Annotated[
        list[str] | None, typer.Option(metavar="DOMAIN", help="A domain of the return path that SPF passed for.")
    ] = None,
    ruleset: Annotated[str, typer.Option(metavar="7489|9989", help="The RFC that the receiver follows.")] = NEWEST,
    resolver: ServerOption = None,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Find the DMARC record that applies to a message, and say the result and the policy.

    A line of --batch is {"header_from": "user@example.com", "dkim": ["example.com"], "spf": [], "ruleset": "9989"}.
    """
    import asyncio

    from backend.authrecords.dmarc.evaluation import Authenticated, evaluate
    from backend.authrecords.dmarc.names import NoAuthorDomain

    if (batch is None) == (header_from is None):
        give_up(Exit.USAGE, "Give either --from or --batch.")
    asked = resolver_of(resolver)
    if batch is not None:
        answer_lines(batch, lambda question: _answer(question, asked))
        return
    message = Authenticated(header_from or "", tuple(dkim or ()), tuple(spf or ()))
    try:
        found = asyncio.run(evaluate(message, ruleset_of(ruleset), asked))
    except BadLine as error:
        give_up(Exit.USAGE, f"--{error}.")
    except NoAuthorDomain as error:
        give_up_on(error, Exit.USAGE)
    show_json(found) if as_json else _tell(found)


def ruleset_of(text: str) -> Ruleset:
    """Of "9989", or "RFC 9989" in letters of any case.

    :raises BadLine: it is neither of the two.
    """
    from backend.authrecords.dmarc.record import RULESETS

    for each in RULESETS:
        if text.upper().removeprefix("RFC").strip() == each:
            return each
    raise BadLine(f"ruleset: {text} is neither 7489 nor 9989")


async def _answer(question: Question, asked: Resolver) -> Any:
    from backend.authrecords.dmarc.evaluation import Authenticated, evaluate
    from backend.authrecords.dmarc.names import NoAuthorDomain

    message = Authenticated(_header_from(question), texts_in(question, "dkim"), texts_in(question, "spf"))
    ruleset = ruleset_of(text_in(question, "ruleset", NEWEST))
    try:
        found = await evaluate(message, ruleset, asked)
    except NoAuthorDomain as error:
        raise BadLine(f"header_from: {error.title.removesuffix('.')}") from None
    return {key: getattr(found, key) for key in PROMISED}


def _header_from(question: Question) -> str:
    """Several addresses may come as a list, as some programs hand a From field over."""
    if isinstance(question.get("header_from"), list):
        return ", ".join(texts_in(question, "header_from"))
    return text_in(question, "header_from")


def _tell(found: Evaluation) -> None:
    width = max(map(len, SHOWN))
    for name in SHOWN:
        say(f"{name.replace('_', ' ').ljust(width)}  {cell(getattr(found, name))}")
    if found.why:
        tell(found.why)
