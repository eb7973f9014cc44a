"""Imports of citizens."""

import sqlalchemy as sa
from alembic import op
from services.bus.kit.columns import JsonDoc, UtcDateTime

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('import_errors',
    sa.Column('import_id', sa.String(length=36), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('errors', JsonDoc, nullable=False),
    sa.PrimaryKeyConstraint('import_id', 'line'),
    sqlite_with_rowid=False
    )
    op.create_table('imports',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('format', sa.String(length=6), nullable=False),
    sa.Column('columns', JsonDoc, nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.String(length=100), nullable=False),
    sa.Column('began_at', UtcDateTime(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade() -> None:
    op.drop_table('imports')
    op.drop_table('import_errors')
