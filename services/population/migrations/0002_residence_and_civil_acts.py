"""Residence, absence, civil acts and tasks."""

import sqlalchemy as sa
from alembic import op

from services.bus.kit.columns import JsonDoc, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("personal_id", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=5), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index("ix_absences_personal_id", ["personal_id"], unique=False)

    op.create_table(
        "assigned_numbers",
        sa.Column("record_id", sa.String(length=100), nullable=False),
        sa.Column("personal_id", sa.String(length=12), nullable=False),
        sa.Column("assigned_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
    )
    with op.batch_alter_table("assigned_numbers", schema=None) as batch_op:
        batch_op.create_index("ix_assigned_numbers_personal_id", ["personal_id"], unique=False)

    op.create_table(
        "tasks_in_hand",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("system", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("dossier_code", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("request", JsonDoc, nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("tasks_in_hand", schema=None) as batch_op:
        batch_op.create_index("ix_tasks_in_hand_dossier", ["dossier_code"], unique=False)
        batch_op.create_index("ix_tasks_in_hand_state", ["state", "due_at"], unique=False)

    op.create_table(
        "waiting_acts",
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("data", JsonDoc, nullable=False),
        sa.Column("came_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("who", "event_id"),
    )
    with op.batch_alter_table("citizens", schema=None) as batch_op:
        batch_op.add_column(sa.Column("died_on", sa.Date(), nullable=True))

    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.add_column(sa.Column("split_from", sa.String(length=36), nullable=True))
        batch_op.alter_column("head_personal_id", nullable=True)

    with op.batch_alter_table("lookups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit_code", sa.String(length=5), nullable=True))

    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index("ix_memberships_personal_id", ["personal_id"], unique=False)

    with op.batch_alter_table("residences", schema=None) as batch_op:
        batch_op.add_column(sa.Column("end_reason", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(length=200), nullable=True))
        batch_op.create_index("ix_residences_unit", ["unit_code", "personal_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("residences", schema=None) as batch_op:
        batch_op.drop_index("ix_residences_unit")
        batch_op.drop_column("note")
        batch_op.drop_column("end_reason")

    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index("ix_memberships_personal_id")

    with op.batch_alter_table("lookups", schema=None) as batch_op:
        batch_op.drop_column("unit_code")

    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.alter_column("head_personal_id", nullable=False)
        batch_op.drop_column("split_from")

    with op.batch_alter_table("citizens", schema=None) as batch_op:
        batch_op.drop_column("died_on")

    op.drop_table("waiting_acts")
    with op.batch_alter_table("tasks_in_hand", schema=None) as batch_op:
        batch_op.drop_index("ix_tasks_in_hand_state")
        batch_op.drop_index("ix_tasks_in_hand_dossier")

    op.drop_table("tasks_in_hand")
    with op.batch_alter_table("assigned_numbers", schema=None) as batch_op:
        batch_op.drop_index("ix_assigned_numbers_personal_id")

    op.drop_table("assigned_numbers")
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index("ix_absences_personal_id")

    op.drop_table("absences")
