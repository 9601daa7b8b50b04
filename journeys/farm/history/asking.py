"""What is asked of the history before a night begins, or where what was asked for is not there."""

from __future__ import annotations

from journeys.farm.database import Database

RECENT = 10
"""How many nights of the same name back a duration still says how long a cell takes."""

_DURATIONS = """
    SELECT journey, casting, percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_s) AS expected_s
    FROM cells
    WHERE duration_s IS NOT NULL AND night IN (
        SELECT number FROM (
            SELECT number, row_number() OVER (PARTITION BY name ORDER BY number DESC) AS age FROM nights
            -- A shard that comes late has to know the same past as those that came first.
            WHERE number < COALESCE((SELECT min(number) FROM nights WHERE id = $2), 9223372036854775807)
        ) AS by_name
        WHERE age <= $1
    )
    GROUP BY journey, casting
"""


async def expected_durations(database: Database, before: str = "") -> dict[tuple[str, str], float]:
    """Return each cell's median duration in its newest nights, by (journey, casting); in seconds.

    Where a night's id is `before` and a shard of it is kept already, only nights before it count.
    """
    rows = await database.rows(_DURATIONS, RECENT, before)
    return {(row["journey"], row["casting"]): row["expected_s"] for row in rows}


async def names_and_branches(database: Database) -> list[tuple[str, str]]:
    """Return the names and branches that there are nights of."""
    rows = await database.rows("SELECT DISTINCT name, branch FROM nights ORDER BY name, branch")
    return [(row["name"], row["branch"]) for row in rows]
