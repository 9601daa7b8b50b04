"""What is asked of the history before a night begins."""

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
        ) AS by_name
        WHERE age <= $1
    )
    GROUP BY journey, casting
"""


async def expected_durations(database: Database) -> dict[tuple[str, str], float]:
    """Return each cell's median duration in its newest nights, by (journey, casting); in seconds."""
    rows = await database.rows(_DURATIONS, RECENT)
    return {(row["journey"], row["casting"]): row["expected_s"] for row in rows}
