"""Runs are carried from the rows of the jobs alone: how often one was cut off, and what its steps really took."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("cut_offs", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("job_step", sa.Column("spent_s", sa.Float(), nullable=True))
    op.add_column("job_step", sa.Column("began_at", sa.DateTime(timezone=True), nullable=True))
    if op.get_bind().dialect.name == "postgresql":  # the library that carried runs before kept its tables there
        op.execute("DROP SCHEMA IF EXISTS jobs CASCADE")
