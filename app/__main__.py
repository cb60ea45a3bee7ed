"""``mailyard``: without a command the console, else the command. Nothing heavy is imported before that is known."""

from __future__ import annotations

import sys


def main() -> int:
    """Entry point of the ``mailyard`` command; returns the exit code."""
    if len(sys.argv) == 1:
        from app.application import open_console
        from backend.core.paths import DataFolder, default_data_folder

        return open_console(DataFolder(default_data_folder()))
    from app.cli.main import app

    app()
    return 0


if __name__ == "__main__":
    sys.exit(main())
