"""How a server was first entered; what a token may do and when it ends, where the provider tells."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("server") as server:
        server.add_column(
            sa.Column("first_contact", sa.String(length=20), nullable=False, server_default="handed_over")
        )
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("scopes", sa.JSON(), nullable=False, server_default="[]"))
        account.add_column(sa.Column("can_write", sa.Boolean(), nullable=True))
        account.add_column(sa.Column("token_ends_at", sa.DateTime(timezone=True), nullable=True))
