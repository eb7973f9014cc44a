"""the hub's ear"""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

# The hub's consumers became one ear. Of results and checks it goes on where they were; the rest it hears again from
# the beginning of the stream, which changes nothing that is there.
COUNTED = "('hub-indicators-results', 'hub-indicators-checks')"
OTHERS = "('hub-indicators', 'hub-indicators-portal', 'hub-ledger')"


def upgrade() -> None:
    for table in ("axis_positions", "axis_held"):
        op.execute(f"UPDATE {table} SET consumer = 'hub-ear' WHERE consumer IN {COUNTED}")
        op.execute(f"DELETE FROM {table} WHERE consumer IN {OTHERS}")
    op.execute(
        "INSERT INTO ledger_positions (process, receipt, standing, asked_at) "
        "SELECT '(roll-ups of parts)', receipt, standing, asked_at FROM ledger_positions "
        "WHERE process = '(roll-ups)'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM ledger_positions WHERE process = '(roll-ups of parts)' OR process LIKE 'axis.%'")
