"""Alembic's steps from one released schema to the next; `migrate` runs them without alembic.ini."""
