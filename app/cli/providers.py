"""``mailyard provider``: what each cloud can and cannot do."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.output import AsJson, Exit, give_up, say, show_json, show_table

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_providers(as_json: AsJson = False) -> None:
    """Every provider with every capability: yes, partly, no or unknown."""
    from backend.providers.capabilities import ROWS, clouds

    found = clouds()
    if as_json:
        show_json(list(found.values()))
        return
    table = [[row, *(cloud.cells[row].can for cloud in found.values())] for row in ROWS]
    show_table(("capability", *found), table)


@app.command("show")
def show_provider(
    kind: Annotated[str, typer.Argument(help="The provider, as the list heads its column.")], as_json: AsJson = False
) -> None:
    """One provider: reasons with source and date, and how to create a token with no more permissions than needed."""
    from backend.providers.capabilities import clouds

    cloud = clouds().get(kind)
    if cloud is None:
        give_up(Exit.NOT_FOUND, f"Mailyard knows no provider {kind}. See mailyard provider list.")
    if as_json:
        show_json(cloud)
        return
    say(f"{cloud.name}, {cloud.address}")
    cells = [(row, cell.can, cell.note, f"{cell.source}, {cell.as_of}") for row, cell in cloud.cells.items()]
    show_table(("capability", "can", "why", "source"), cells)
    say()
    say(f"A token for Mailyard: {cloud.recipe.where}")
    for number, step in enumerate(cloud.recipe.steps, 1):
        say(f"{number}. {step}")
