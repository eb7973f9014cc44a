"""Alembic's environment, one for every service: the tree of versions comes from the caller (kit.migrations)."""

from alembic import context

from services.bus.kit.migrations import render_item

config = context.config
connection = config.attributes["connection"]
metadata = config.attributes["metadata"]

context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
