"""A PostgreSQL server of our own. Imports nothing heavy: the start-up does the rest meanwhile."""

from app_backend.postgres.embedded import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]
