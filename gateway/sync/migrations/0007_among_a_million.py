"""what waits, and what differs, found among a million that are parked or differ"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_LIVE = "FROM differences WHERE state IN ('open', 'repairing')"
_REPAIRABLE = "FROM differences WHERE state = 'open' AND repairable"
_WAITING, _WAITED = "waiting_since IS NOT NULL AND state != 'parked'", 'waiting_since IS NOT NULL'


def upgrade() -> None:
    op.create_table(
        'difference_counts',
        sa.Column('what', sa.String(length=40), nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('what'),
    )
    _index('differences', 'differences_live', ['code'], 'closed_at IS NULL')
    _index('differences', 'differences_to_repair', ['code'], "state = 'open' AND repairable")
    op.drop_index('lanes_waiting', 'lanes')
    _index('lanes', 'lanes_waiting', ['waiting_since', 'code'], _WAITING)
    for counted in (
        f"SELECT state || '.' || kind, count(*) {_LIVE} GROUP BY state, kind",
        f"SELECT 'dossiers', count(DISTINCT code) {_LIVE}",
        f"SELECT 'dossiers.' || side, count(DISTINCT code) {_LIVE} GROUP BY side",
        f"SELECT 'repairable', count(DISTINCT code) {_REPAIRABLE}",
    ):
        op.execute(f"INSERT INTO difference_counts (what, number) {counted}")


def downgrade() -> None:
    op.drop_index('lanes_waiting', 'lanes')
    _index('lanes', 'lanes_waiting', ['waiting_since', 'code'], _WAITED)
    op.drop_index('differences_to_repair', 'differences')
    op.drop_index('differences_live', 'differences')
    op.drop_table('difference_counts')


def _index(table: str, name: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
