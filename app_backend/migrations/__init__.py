"""The history of the tables, as Alembic migrations that are run when the backend starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["HEAD", "upgrade"]

HEAD = "0004"
"""The newest revision; a database that stands there needs no Alembic at start."""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to `revision` inside the connection's transaction."""
    # Imported here: a start on a database that is up to date saves the time it takes.
    from alembic import command  # noqa: PLC0415 - slow to import
    from alembic.config import Config  # noqa: PLC0415 - slow to import

    config = Config()
    # Alembic reads % in its options as interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
