"""The one migration history of the app database (Alembic)."""

from pathlib import Path

#: The head of the history, so that a start need not read the scripts to see that nothing is to be done.
NEWEST = max(script.name.partition("_")[0] for script in (Path(__file__).parent / "versions").glob("[0-9]*_*.py"))
