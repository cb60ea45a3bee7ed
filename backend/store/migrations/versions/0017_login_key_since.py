"""Since when a server has its SSH login key: one that was renewed is younger than the server."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("server", sa.Column("login_key_since", sa.DateTime(timezone=True), nullable=True))
