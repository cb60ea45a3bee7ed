"""Tables, columns and stored words get the names of the field: request, schedule run, orphan scan, job kinds."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = {"wish": "request", "tick": "schedule_run", "orphan_look": "orphan_scan"}
COLUMNS = (
    ("request", "taken_at", "handled_at"),
    ("job", "wish", "request"),
    ("job", "wished_at", "requested_at"),
    ("job", "cancel_wished", "cancel_requested"),
    ("account", "looked_at", "checked_at"),
    ("orphan_scan", "looked_at", "checked_at"),
)
INDEXES = (
    ("ix_wish_open", "ix_request_open", "request", ["handled_at", "at"]),
    ("ix_tick_schedule", "ix_schedule_run_schedule", "schedule_run", ["tenant_id", "schedule_id", "due_at"]),
)
KINDS = {
    "orphans.look": "orphans.scan",
    "charges.ask": "billing.read",
    "store.tidy": "store.maintain",
    "server.reverse": "server.reverse_dns",
    "server.adopt": "server.manage",
    "server.release": "server.unmanage",
}


def upgrade() -> None:
    """The audit log stays as it is: each of its rows is covered by the hash of the next."""
    for old, new in TABLES.items():
        op.rename_table(old, new)
    for table, old, new in COLUMNS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    for old, new, table, columns in INDEXES:
        op.drop_index(old, table_name=table)
        op.create_index(new, table, columns, unique=False)
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps the old name in the text of the table
        for old, new in TABLES.items():
            _rename_constraints(old, new)
    _rename_kinds()
    _rename_authors()
    op.execute("UPDATE job_step SET key = 'attach' WHERE key = 'guard'")
    op.execute("UPDATE changes SET topic = 'requests' WHERE topic = 'wishes'")


def _rename_constraints(old: str, new: str) -> None:
    """Names of keys begin with their kind and the table: ``pk_wish``, ``fk_orphan_look_tenant_id_account_id``."""
    inspector = sa.inspect(op.get_bind())
    found = [
        inspector.get_pk_constraint(new).get("name"),
        *(each.get("name") for each in inspector.get_foreign_keys(new)),
    ]
    for name in found:
        if name and name[3:].startswith(old):
            op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {name} TO {name[:3]}{new}{name[3 + len(old) :]}")


def _rename_kinds() -> None:
    """Schedules keep their ids: what they did so far counts for them still."""
    for table in ("request", "job", "schedule"):
        rows = sa.table(table, sa.column("kind", sa.String))
        for old, new in KINDS.items():
            op.execute(rows.update().where(rows.c.kind == old).values(kind=new))


def _rename_authors() -> None:
    """What a schedule asked for has its id as the author."""
    for table in ("request", "job"):
        rows = sa.table(table, sa.column("author", sa.String))
        rest = sa.func.substr(rows.c.author, len("timetable:") + 1)
        op.execute(rows.update().where(rows.c.author.like("timetable:%")).values(author=sa.literal("schedule:") + rest))
