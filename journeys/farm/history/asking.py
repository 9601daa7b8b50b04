"""What is asked of the history before a night begins."""

from __future__ import annotations

from journeys.farm.database import Database

RECENT = 10
"""How many nights back a duration still says how long a cell takes."""

_DURATIONS = """
    SELECT journey, casting, percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_s) AS expected_s
    FROM cells
    WHERE night IN (SELECT number FROM nights ORDER BY number DESC LIMIT $1) AND duration_s IS NOT NULL
    GROUP BY journey, casting
"""


async def expected_durations(database: Database) -> dict[tuple[str, str], float]:
    """Return each cell's median duration in the newest nights, by (journey, casting); in seconds."""
    rows = await database.rows(_DURATIONS, RECENT)
    return {(row["journey"], row["casting"]): row["expected_s"] for row in rows}
