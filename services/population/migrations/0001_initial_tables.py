"""Initial tables."""

import sqlalchemy as sa
from alembic import op

from services.bus.kit.columns import JsonDoc, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "axis_answers",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JsonDoc, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("axis_answers", schema=None) as batch_op:
        batch_op.create_index("ix_axis_answers_created_at", ["created_at"], unique=False)

    op.create_table(
        "axis_held",
        sa.Column("consumer", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "key", "version"),
    )
    with op.batch_alter_table("axis_held", schema=None) as batch_op:
        batch_op.create_index("ix_axis_held_state", ["state", "held_at"], unique=False)

    op.create_table(
        "axis_outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("traceparent", sa.String(length=80), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "axis_positions",
        sa.Column("consumer", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "citizens",
        sa.Column("personal_id", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("id_card", sa.String(length=9), nullable=True),
        sa.Column("full_name", sa.String(length=100), nullable=False),
        sa.Column("folded_name", sa.String(length=200), nullable=False),
        sa.Column("family_name", sa.String(length=60), nullable=False),
        sa.Column("middle_name", sa.String(length=100), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=6), nullable=False),
        sa.Column("ethnicity", sa.String(length=2), nullable=False),
        sa.Column("religion", sa.String(length=2), nullable=False),
        sa.Column("marital_status", sa.String(length=20), nullable=False),
        sa.Column("blood_group", sa.String(length=7), nullable=False),
        sa.Column("nationality", sa.String(length=2), nullable=False),
        sa.Column("eid_level", sa.Integer(), nullable=False),
        sa.Column("birth_place", JsonDoc, nullable=True),
        sa.Column("hometown", JsonDoc, nullable=True),
        sa.Column("father", JsonDoc, nullable=True),
        sa.Column("mother", JsonDoc, nullable=True),
        sa.Column("spouse", JsonDoc, nullable=True),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("personal_id"),
        sa.UniqueConstraint("id_card"),
    )
    op.create_table(
        "households",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("head_personal_id", sa.String(length=12), nullable=False),
        sa.Column("unit_code", sa.String(length=5), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.create_index("ix_households_head", ["head_personal_id"], unique=False)

    op.create_table(
        "lookup_members",
        sa.Column("personal_id", sa.String(length=12), nullable=False),
        sa.Column("lookup_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("personal_id", "lookup_id"),
    )
    op.create_table(
        "lookups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("agency", sa.String(length=35), nullable=True),
        sa.Column("officer", sa.String(length=50), nullable=True),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("dossier", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=6), nullable=True),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("personal_id", sa.String(length=12), nullable=True),
        sa.Column("id_card", sa.String(length=9), nullable=True),
        sa.Column("household_id", sa.String(length=36), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("lookups", schema=None) as batch_op:
        batch_op.create_index("ix_lookups_agency", ["agency", "at"], unique=False)
        batch_op.create_index("ix_lookups_at", ["at"], unique=False)
        batch_op.create_index("ix_lookups_dossier", ["dossier"], unique=False)
        batch_op.create_index("ix_lookups_personal_id", ["personal_id", "at"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("household_id", sa.String(length=36), nullable=False),
        sa.Column("personal_id", sa.String(length=12), nullable=False),
        sa.Column("relation", sa.String(length=12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index("ix_memberships_household", ["household_id"], unique=False)
        batch_op.create_index(
            "uq_memberships_open",
            ["personal_id"],
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        )

    op.create_table(
        "residences",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("personal_id", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("unit_code", sa.String(length=5), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("residences", schema=None) as batch_op:
        batch_op.create_index("ix_residences_personal_id", ["personal_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("residences", schema=None) as batch_op:
        batch_op.drop_index("ix_residences_personal_id")

    op.drop_table("residences")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_memberships_open",
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        )
        batch_op.drop_index("ix_memberships_household")

    op.drop_table("memberships")
    with op.batch_alter_table("lookups", schema=None) as batch_op:
        batch_op.drop_index("ix_lookups_personal_id")
        batch_op.drop_index("ix_lookups_dossier")
        batch_op.drop_index("ix_lookups_at")
        batch_op.drop_index("ix_lookups_agency")

    op.drop_table("lookups")
    op.drop_table("lookup_members")
    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.drop_index("ix_households_head")

    op.drop_table("households")
    op.drop_table("citizens")
    op.drop_table("axis_positions")
    op.drop_table("axis_outbox")
    with op.batch_alter_table("axis_held", schema=None) as batch_op:
        batch_op.drop_index("ix_axis_held_state")

    op.drop_table("axis_held")
    with op.batch_alter_table("axis_answers", schema=None) as batch_op:
        batch_op.drop_index("ix_axis_answers_created_at")

    op.drop_table("axis_answers")
