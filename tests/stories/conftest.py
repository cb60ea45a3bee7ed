"""Stories in the window use its fixtures."""

from tests.app.conftest import new_console, person

__all__ = ["new_console", "person"]
