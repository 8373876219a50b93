"""Runs the migrations on a connection that `storage.migrate` hands over."""

from alembic import context

import storage  # noqa: F401 - registers every table
from storage.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
