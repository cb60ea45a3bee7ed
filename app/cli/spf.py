"""``mailyard spf``: what the SPF records of a domain say of a sender, asked of the DNS as receivers ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.batch import BadLine, Batch, Question, answer_lines, text_in
from app.cli.output import AsJson, Exit, give_up, say, show_json
from app.cli.resolving import ServerOption, resolver_of

if TYPE_CHECKING:
    from backend.authrecords.spf.evaluator import SpfAnswer
    from backend.authrecords.spf.trace import Step
    from backend.core.resolver import Resolver

app = typer.Typer(no_args_is_help=True)


@app.callback()
def spf() -> None:
    """Keeps ``check`` a command of its own."""


@app.command()
def check(
    ip: Annotated[str | None, typer.Option("--ip", help="The address that the message comes from.")] = None,
    mail_from: Annotated[str | None, typer.Option("--mail-from", help="The sender; empty for a bounce.")] = None,
    helo: Annotated[str | None, typer.Option("--helo", help="The name in the greeting.")] = None,
    resolver: ServerOption = None,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate SPF for a sender: the result, and each step on the way to it."""
    import asyncio

    from backend.authrecords.spf.evaluator import BadSender, evaluate_spf, sender_of

    asked = resolver_of(resolver)
    if batch is not None:
        if any(each is not None for each in (ip, mail_from, helo)):
            give_up(Exit.USAGE, "--batch takes no sender beside it.")
        answer_lines(batch, lambda question: _answer(question, asked))
        return
    if ip is None or (mail_from is None and helo is None):
        give_up(Exit.USAGE, "Say --ip, and --mail-from or --helo.")
    try:
        answer = asyncio.run(evaluate_spf(sender_of(ip, mail_from or "", helo or ""), asked))
    except BadSender as error:
        give_up(Exit.USAGE, str(error))
    if as_json:
        show_json(answer)
    else:
        _show(answer)


async def _answer(question: Question, resolver: Resolver) -> SpfAnswer:
    from backend.authrecords.spf.evaluator import BadSender, evaluate_spf, sender_of

    texts = text_in(question, "ip"), text_in(question, "mail_from", ""), text_in(question, "helo", "")
    try:
        sender = sender_of(*texts)
    except BadSender as error:
        raise BadLine(str(error).removesuffix(".")) from None
    return await evaluate_spf(sender, resolver)


def _show(answer: SpfAnswer) -> None:
    from backend.authrecords.spf.limits import MOST_LOOKUPS, MOST_VOIDS

    say(answer.result)
    if answer.explanation is not None:
        say(f"The domain says: {answer.explanation}")
    voids = f"{answer.void_lookups} of {MOST_VOIDS} found nothing"
    say(f"Look-ups: {answer.lookups} of {MOST_LOOKUPS}; {voids}")
    for step in answer.trace:
        say(_line(step))


def _line(step: Step) -> str:
    """A record is named by its domain, a term by itself; deeper steps stand further in."""
    what = step.term if step.depth % 2 else f"{step.domain}: {step.term}".removesuffix(": ")
    found = f"{step.result} ({step.text})" if step.text else step.result
    return f"{'  ' * (step.depth + 1)}{what}  {found}"
