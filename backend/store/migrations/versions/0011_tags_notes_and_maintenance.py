"""What people write of a server (tags, a note, maintenance), and the word by which a job was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("server", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("server", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("server", sa.Column("maintenance_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("title", sa.String(120), nullable=False, server_default=""))
