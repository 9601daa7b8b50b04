"""A PostgreSQL server of one's own, for as long as anybody uses it, from a package and not the machine.

    with EmbeddedPostgres() as server:
        await server.url()        # postgresql://…

Imports nothing heavy: whoever starts does the rest meanwhile.
"""

from embedded_postgres.server import EmbeddedPostgres, PostgresError, PostgresMissing

__all__ = ["EmbeddedPostgres", "PostgresError", "PostgresMissing"]
