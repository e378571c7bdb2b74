"""Runs the migrations on the database that the caller has connected to."""

from alembic import context

from perfmgr.models import Base

PLAIN = {"Money": "sa.BigInteger()", "Quantity": "sa.BigInteger()", "Score": "sa.Integer()"}


def render_item(kind, item, autogen_context):
    """Write our own column types as what they are stored as, so that a migration needs no models."""
    name = type(item).__name__
    if kind == "type" and name == "Instant":
        return "sa.DateTime(timezone=True)"
    return PLAIN.get(name, False) if kind == "type" else False


connection = context.config.attributes["connection"]

# SQLite cannot alter most things in place: batch mode copies the table.
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
