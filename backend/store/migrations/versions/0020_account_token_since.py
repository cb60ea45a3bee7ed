"""Since when an account has its token: one that was replaced is younger than the account."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("token_since", sa.DateTime(timezone=True), nullable=True))
