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
        "certificates",
        sa.Column("issue_number", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=15), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("parcel_key", sa.String(length=18), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("begun_by", sa.String(length=36), nullable=False),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.create_index("ix_certificates_parcel", ["parcel_key"], unique=False)
        batch_op.create_index(
            "uq_certificates_live",
            ["parcel_key"],
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        )

    op.create_table(
        "changed_parcels",
        sa.Column("parcel_key", sa.String(length=18), nullable=False),
        sa.Column("change_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=6), nullable=False),
        sa.PrimaryKeyConstraint("parcel_key", "change_id"),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("parcel_key", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=True),
        sa.Column("closed_because", sa.String(length=500), nullable=True),
        sa.Column("dossier", sa.String(length=60), nullable=True),
        sa.Column("request", JsonDoc, nullable=False),
        sa.Column("effects", JsonDoc, nullable=False),
        sa.Column("warnings", JsonDoc, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index("ix_changes_dossier", ["dossier"], unique=False)
        batch_op.create_index("uq_changes_number", ["number"], unique=True)
        batch_op.create_index(
            "uq_changes_pending",
            ["parcel_key"],
            unique=True,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "deceased",
        sa.Column("personal_id", sa.String(length=12), nullable=False),
        sa.Column("died_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("personal_id"),
    )
    op.create_table(
        "descriptions",
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("land_uses", JsonDoc, nullable=False),
        sa.Column("geohash", sa.String(length=12), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("parcel_key", sa.String(length=18), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("begun_by", sa.String(length=36), nullable=False),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("descriptions", schema=None) as batch_op:
        batch_op.create_index("ix_descriptions_parcel", ["parcel_key"], unique=False)
        batch_op.create_index(
            "uq_descriptions_live",
            ["parcel_key"],
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        )

    op.create_table(
        "holdings",
        sa.Column("right_id", sa.String(length=36), nullable=False),
        sa.Column("party_key", sa.String(length=202), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded_name", sa.String(length=200), nullable=False),
        sa.Column("personal_id", sa.String(length=12), nullable=True),
        sa.Column("tax_code", sa.String(length=14), nullable=True),
        sa.Column("numerator", sa.BigInteger(), nullable=False),
        sa.Column("denominator", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("parcel_key", sa.String(length=18), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("begun_by", sa.String(length=36), nullable=False),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("holdings", schema=None) as batch_op:
        batch_op.create_index("ix_holdings_name", ["folded_name", "parcel_key"], unique=False)
        batch_op.create_index("ix_holdings_party", ["party_key", "parcel_key"], unique=False)
        batch_op.create_index("ix_holdings_right", ["right_id"], unique=False)

    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("format", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("header", JsonDoc, nullable=False),
        sa.Column("total_bytes", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "parcels",
        sa.Column("key", sa.String(length=18), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=5), nullable=False),
        sa.Column("map_sheet", sa.Integer(), nullable=False),
        sa.Column("parcel_number", sa.Integer(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("parcels", schema=None) as batch_op:
        batch_op.create_index("ix_parcels_sheet", ["unit_code", "map_sheet", "parcel_number"], unique=False)

    op.create_table(
        "refused_lines",
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=100), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("context", JsonDoc, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "line", "place"),
    )
    op.create_table(
        "restrictions",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("holder_key", sa.String(length=202), nullable=False),
        sa.Column("document_number", sa.String(length=60), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("amount_vnd", sa.BigInteger(), nullable=False),
        sa.Column("allows_disposal", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("carried_from", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("parcel_key", sa.String(length=18), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("begun_by", sa.String(length=36), nullable=False),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("restrictions", schema=None) as batch_op:
        batch_op.create_index("ix_restrictions_parcel", ["parcel_key"], unique=False)

    op.create_table(
        "rights",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("term_until", sa.Date(), nullable=True),
        sa.Column("under", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("parcel_key", sa.String(length=18), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("begun_by", sa.String(length=36), nullable=False),
        sa.Column("ended_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("rights", schema=None) as batch_op:
        batch_op.create_index("ix_rights_parcel", ["parcel_key"], unique=False)
        batch_op.create_index(
            "uq_rights_use",
            ["parcel_key"],
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL AND kind = 'use'"),
            postgresql_where=sa.text("valid_to IS NULL AND kind = 'use'"),
        )

    op.create_table(
        "sources",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("change_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issued_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.create_index("ix_sources_change", ["change_id"], unique=False)

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
        "vbdlis_calls",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("receipt", sa.String(length=100), nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("body", JsonDoc, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("reply", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("vbdlis_calls", schema=None) as batch_op:
        batch_op.create_index("ix_vbdlis_calls_case", ["receipt"], unique=False)
        batch_op.create_index("ix_vbdlis_calls_state", ["state", "next_at"], unique=False)

    op.create_table(
        "vbdlis_cases",
        sa.Column("receipt", sa.String(length=100), nullable=False),
        sa.Column("their_receipt", sa.String(length=100), nullable=True),
        sa.Column("dossier", sa.String(length=60), nullable=False),
        sa.Column("task_id", sa.String(length=100), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("document", JsonDoc, nullable=False),
        sa.Column("steps", JsonDoc, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("receipt"),
    )
    with op.batch_alter_table("vbdlis_cases", schema=None) as batch_op:
        batch_op.create_index("ix_vbdlis_cases_dossier", ["dossier"], unique=False)
        batch_op.create_index("ix_vbdlis_cases_their_receipt", ["their_receipt"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("vbdlis_cases", schema=None) as batch_op:
        batch_op.drop_index("ix_vbdlis_cases_their_receipt")
        batch_op.drop_index("ix_vbdlis_cases_dossier")

    op.drop_table("vbdlis_cases")
    with op.batch_alter_table("vbdlis_calls", schema=None) as batch_op:
        batch_op.drop_index("ix_vbdlis_calls_state")
        batch_op.drop_index("ix_vbdlis_calls_case")

    op.drop_table("vbdlis_calls")
    with op.batch_alter_table("tasks_in_hand", schema=None) as batch_op:
        batch_op.drop_index("ix_tasks_in_hand_state")
        batch_op.drop_index("ix_tasks_in_hand_dossier")

    op.drop_table("tasks_in_hand")
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.drop_index("ix_sources_change")

    op.drop_table("sources")
    with op.batch_alter_table("rights", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_rights_use",
            sqlite_where=sa.text("valid_to IS NULL AND kind = 'use'"),
            postgresql_where=sa.text("valid_to IS NULL AND kind = 'use'"),
        )
        batch_op.drop_index("ix_rights_parcel")

    op.drop_table("rights")
    with op.batch_alter_table("restrictions", schema=None) as batch_op:
        batch_op.drop_index("ix_restrictions_parcel")

    op.drop_table("restrictions")
    op.drop_table("refused_lines")
    with op.batch_alter_table("parcels", schema=None) as batch_op:
        batch_op.drop_index("ix_parcels_sheet")

    op.drop_table("parcels")
    op.drop_table("imports")
    with op.batch_alter_table("holdings", schema=None) as batch_op:
        batch_op.drop_index("ix_holdings_right")
        batch_op.drop_index("ix_holdings_party")
        batch_op.drop_index("ix_holdings_name")

    op.drop_table("holdings")
    with op.batch_alter_table("descriptions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_descriptions_live",
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        )
        batch_op.drop_index("ix_descriptions_parcel")

    op.drop_table("descriptions")
    op.drop_table("deceased")
    op.drop_table("counters")
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_changes_pending",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index("uq_changes_number")
        batch_op.drop_index("ix_changes_dossier")

    op.drop_table("changes")
    op.drop_table("changed_parcels")
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_certificates_live",
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        )
        batch_op.drop_index("ix_certificates_parcel")

    op.drop_table("certificates")
    op.drop_table("axis_positions")
    op.drop_table("axis_outbox")
    with op.batch_alter_table("axis_held", schema=None) as batch_op:
        batch_op.drop_index("ix_axis_held_state")

    op.drop_table("axis_held")
    with op.batch_alter_table("axis_answers", schema=None) as batch_op:
        batch_op.drop_index("ix_axis_answers_created_at")

    op.drop_table("axis_answers")
