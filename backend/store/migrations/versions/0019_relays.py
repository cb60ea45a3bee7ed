"""Domains whose mail a mail server hands on."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_relay",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("server_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(253), nullable=False),
        sa.Column("server_tenant_id", sa.Uuid(), nullable=False),
        sa.Column("next_hop", sa.String(300), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "server_id", "name", name="pk_mail_relay"),
        sa.ForeignKeyConstraint(
            ["server_tenant_id", "server_id"],
            ["server.tenant_id", "server.id"],
            name="fk_mail_relay_server_tenant_id_server_id",
        ),
    )
