"""The one migration history of the app database (Alembic)."""

#: The head of the history, so that a start need not read the scripts to see that nothing is to be done.
NEWEST = "0004"
