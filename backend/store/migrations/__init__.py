"""The one migration history of the app database (Alembic)."""
