"""The database of the nightly job: opened at an address, and brought up to date."""

from journeys.farm.database.database import Database, open_database

__all__ = ["Database", "open_database"]
