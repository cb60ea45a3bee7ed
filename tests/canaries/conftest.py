"""The command line for the tests here."""

from tests.app.cli.plugin import commands, new_commands

__all__ = ["commands", "new_commands"]
