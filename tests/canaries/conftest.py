"""The command line for the tests here."""

from tests.app.cli.plugin import command_forks, commands, new_commands

__all__ = ["command_forks", "commands", "new_commands"]
