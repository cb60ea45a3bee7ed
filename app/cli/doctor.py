"""``mailyard doctor``: what on this machine or in this data folder keeps the program from working, and the way out."""

from __future__ import annotations

import typer

from app.cli.finding import Finding
from app.cli.findings import of_installation, of_machine
from app.cli.options import Options
from app.cli.output import AsJson, Exit, say, show_json


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check everything the program needs. Exits with 1 if something critical was found."""
    options: Options = context.obj
    findings: list[Finding] = [*of_machine(), *of_installation(options)]
    if as_json:
        show_json(findings)
    else:
        for finding in findings:
            say(f"{finding.verdict:9}{finding.what}: {finding.words}")
            if finding.remedy:
                say(f"{'':9}{finding.remedy}")
    if any(finding.verdict == "critical" for finding in findings):
        raise typer.Exit(int(Exit.FAILED))
