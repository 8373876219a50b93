"""Alembic's side of the tables: `supportbot migrate` runs what is here."""
