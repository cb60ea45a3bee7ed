"""How long an order without an answer was waited for, by a clock that nobody sets."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intent", sa.Column("waited_s", sa.Float(), nullable=False, server_default="0"))
    op.add_column("intent", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
