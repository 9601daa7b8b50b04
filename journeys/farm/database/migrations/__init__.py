"""Brings a database's tables up to date: one numbered SQL file after the other, each of them once."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from journeys.errors import SetupError

SCHEMA = "journeys_farm"
"""The schema that all tables are in."""

_LOCK = 0x6A6F75726E657973
"""Who holds this advisory lock brings the tables up to date: several processes may start at once."""


def migrations() -> list[str]:
    """Return the files' text by number, the first of which is 1."""
    found = sorted(each.name for each in files(__name__).iterdir() if each.name.endswith(".sql"))
    return [files(__name__).joinpath(name).read_text(encoding="utf-8") for name in found]


async def migrate(connection: Any, shown: str) -> None:
    """Apply what a database lacks; raises `SetupError` where it has what this version doesn't know."""
    known = migrations()
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if await connection.fetchval("SELECT to_regnamespace($1) IS NULL", SCHEMA):
            await connection.execute(f"CREATE SCHEMA {SCHEMA}")
        if await connection.fetchval("SELECT to_regclass($1) IS NULL", f"{SCHEMA}.migrations"):
            await connection.execute(
                "CREATE TABLE migrations ("
                "number integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
            )
        applied = await connection.fetchval("SELECT coalesce(max(number), 0) FROM migrations")
        if applied > len(known):
            raise SetupError(
                f"the store at {shown} was written by a newer version of journeys: update this one, too"
            )
        for number, text in enumerate(known[applied:], applied + 1):
            await connection.execute(text)
            await connection.execute("INSERT INTO migrations (number) VALUES ($1)", number)
