"""Schedules of removed accounts go: they were kept and switched off, as those are that a person paused."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ACCOUNT = sa.table("account", sa.column("id", sa.Uuid), sa.column("removed_at", sa.DateTime(timezone=True)))
SCHEDULE = sa.table("schedule", sa.column("subject", sa.String))


def upgrade() -> None:
    connection = op.get_bind()
    removed = connection.scalars(sa.select(ACCOUNT.c.id).where(ACCOUNT.c.removed_at.is_not(None))).all()
    for account_id in removed:
        connection.execute(sa.delete(SCHEDULE).where(SCHEDULE.c.subject == str(account_id)))
