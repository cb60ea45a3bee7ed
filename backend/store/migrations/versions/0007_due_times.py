"""Schedules by the time of day, and what is due found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("schedule", sa.Column("daily_at", sa.String(5), nullable=False, server_default=""))
    op.add_column("schedule", sa.Column("zone", sa.String(60), nullable=False, server_default=""))
    op.add_column("schedule", sa.Column("jitter_s", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_schedule_due", "schedule", ["enabled", "next_at"], unique=False)
