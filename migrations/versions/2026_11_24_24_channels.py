"""Let endpoints choose duties and remember failures, find due messages by channel, make room for encrypted addresses

Revision ID: 2026_11_24_24_channels
Revises: 2026_11_24_23_evidence
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_24_channels"
down_revision = "2026_11_24_23_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as batch_op:
        # Encrypted it is longer than the address.
        batch_op.alter_column("email", type_=sa.Text(), existing_type=sa.String(200), existing_nullable=False)
    with op.batch_alter_table("endpoint") as batch_op:
        batch_op.add_column(sa.Column("kinds", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("down_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("error", sa.String(length=200), server_default="", nullable=False))
        batch_op.create_check_constraint(batch_op.f("ck_endpoint_failures_not_negative"), "failures >= 0")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index("ix_message_state_due_at")
        batch_op.drop_index(batch_op.f("ix_message_endpoint_id"))
        batch_op.create_index("ix_message_state_channel_due_at", ["state", "channel", "due_at", "id"], unique=False)
        batch_op.create_index(
            "ix_message_endpoint_id_state_due_at", ["endpoint_id", "state", "due_at", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index("ix_message_endpoint_id_state_due_at")
        batch_op.drop_index("ix_message_state_channel_due_at")
        batch_op.create_index(batch_op.f("ix_message_endpoint_id"), ["endpoint_id"], unique=False)
        batch_op.create_index("ix_message_state_due_at", ["state", "due_at", "id"], unique=False)
    with op.batch_alter_table("endpoint") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_endpoint_failures_not_negative"), type_="check")
        batch_op.drop_column("error")
        batch_op.drop_column("down_until")
        batch_op.drop_column("failures")
        batch_op.drop_column("kinds")
    # The key is not known here; what is sealed cannot be kept.
    op.execute("UPDATE person SET email = '' WHERE email NOT LIKE '%@%'")
    with op.batch_alter_table("person") as batch_op:
        batch_op.alter_column("email", type_=sa.String(200), existing_type=sa.Text(), existing_nullable=False)
