"""The database of the nightly job: opened at an address or embedded in a folder, and brought up to date."""

from journeys.farm.database.database import Database, open_database
from journeys.farm.database.embedded import embedded_postgres

__all__ = ["Database", "embedded_postgres", "open_database"]
