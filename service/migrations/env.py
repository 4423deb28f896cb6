"""Alembic runs this to apply the steps. The connection, its transaction and its lock are the caller's."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
