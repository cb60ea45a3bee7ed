"""Words of ours are kept with their message ids: an earlier program would show the signs around them.

Nothing changes in the tables, and what was said before stays as it was said.
"""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
