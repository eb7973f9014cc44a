"""counts of years"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_COLUMNS = 'dimension, span, first, "key", flags, rows'


def upgrade() -> None:
    op.rename_table('indicator_counts', 'indicator_counts_of_months')
    op.create_table(
        'indicator_counts',
        sa.Column('dimension', sa.String(length=10), nullable=False),
        sa.Column('span', sa.String(length=5), nullable=False),
        sa.Column('first', sa.Date(), nullable=False),
        sa.Column('flags', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=40), nullable=False),
        sa.Column('rows', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('dimension', 'span', 'first', 'flags', 'key', name='indicator_counts_of_spans'),
        sqlite_with_rowid=False,
    )
    of_year = "strftime('%Y-01-01', month)"
    if op.get_bind().dialect.name == 'postgresql':
        of_year = "date_trunc('year', month)::date"
    months = 'SELECT dimension, \'month\', month, "key", flags, rows FROM indicator_counts_of_months'
    years = f'SELECT dimension, \'year\', {of_year}, "key", flags, sum(rows) FROM indicator_counts_of_months'
    op.execute(f'INSERT INTO indicator_counts ({_COLUMNS}) {months}')
    op.execute(f'INSERT INTO indicator_counts ({_COLUMNS}) {years} GROUP BY dimension, {of_year}, "key", flags')
    op.drop_table('indicator_counts_of_months')


def downgrade() -> None:
    op.rename_table('indicator_counts', 'indicator_counts_of_spans')
    op.create_table(
        'indicator_counts',
        sa.Column('dimension', sa.String(length=10), nullable=False),
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('key', sa.String(length=40), nullable=False),
        sa.Column('flags', sa.Integer(), nullable=False),
        sa.Column('rows', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('dimension', 'month', 'key', 'flags', name='indicator_counts_of_months'),
        sqlite_with_rowid=False,
    )
    months = 'SELECT dimension, first, "key", flags, rows FROM indicator_counts_of_spans WHERE span = \'month\''
    op.execute(f'INSERT INTO indicator_counts (dimension, month, "key", flags, rows) {months}')
    op.drop_table('indicator_counts_of_spans')
