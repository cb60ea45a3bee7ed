"""``mailyard``: without a command the console, else the command. Nothing heavy is imported before that is known."""

from __future__ import annotations

import sys


def main() -> int:
    """Entry point of the ``mailyard`` command; returns the exit code."""
    if len(sys.argv) == 1:
        from app.cli.window import open_window
        from backend.core.paths import DataFolder, default_data_folder

        return open_window(DataFolder(default_data_folder()))
    from app.cli.main import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
