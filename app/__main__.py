"""``mailyard``: without a command the console, else the command. Nothing heavy is imported before that is known."""

from __future__ import annotations

import os
import sys

from backend.core.process import keep_private


def main() -> int:
    """Entry point of the ``mailyard`` command; returns the exit code."""
    keep_private()
    if sys.argv[1:] == ["--demo"] or (not sys.argv[1:] and "MAILYARD_DATABASE_URL" not in os.environ):
        from app.cli.window import open_window
        from backend.core.paths import DataFolder, default_data_folder, demo_data_folder

        is_demo = len(sys.argv) > 1
        return open_window(DataFolder(demo_data_folder() if is_demo else default_data_folder()), is_demo=is_demo)
    if sys.argv[1:] == ["--self-test"]:
        from app.cli.window import try_itself

        return try_itself()
    if sys.argv[1:2] == ["--clouds"] and len(sys.argv) == 3:  # the demo's child in a bundle, which has no -m
        from backend.demo_installation import run_demo_clouds

        return run_demo_clouds(sys.argv[2])
    from app.cli.main import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
