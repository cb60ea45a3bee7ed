"""``mailyard``: without a command the console, else the command. Nothing heavy is imported before that is known."""

from __future__ import annotations

import os
import sys

from backend.core.process import keep_private, open_standard_streams


def main() -> int:
    """Entry point of the ``mailyard`` command; returns the exit code."""
    open_standard_streams()
    keep_private()
    if sys.argv[1:] == ["--demo"] or (not sys.argv[1:] and "MAILYARD_DATABASE_URL" not in os.environ):
        from app.cli.window import open_window

        return open_window(is_demo=len(sys.argv) > 1)
    if sys.argv[1:] == ["--self-test"]:
        from app.cli.window import try_itself

        return try_itself()
    if sys.argv[1:2] == ["--clouds"] and len(sys.argv) == 3:  # the demo's child in a bundle, which has no -m
        from backend.demo_installation import run_demo_clouds

        return run_demo_clouds(sys.argv[2])
    from app.cli.widths import drop_unusable_widths

    drop_unusable_widths()  # before Typer, which reads them as it is imported
    from app.cli.main import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
