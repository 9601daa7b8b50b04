"""What the database has of the last nights, as trends are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from journeys.devices.leases import StoreDatabase

SLOWEST = 20
"""How many of the slowest steps are followed."""

_NIGHTS = """
    SELECT * FROM (
        SELECT number, id, started_at, revision, branch, status, duration_s FROM nights
        WHERE ($1 = '' OR name = $1) AND ($2 = '' OR branch = $2)
        ORDER BY number DESC LIMIT $3
    ) AS newest ORDER BY number
"""

_COUNTS = "SELECT night, outcome, count(*) AS cells FROM cells WHERE night = ANY($1) GROUP BY night, outcome"

_CELLS = """
    SELECT journey, casting,
        (array_agg(name ORDER BY night DESC))[1] AS name,
        (array_agg(priority ORDER BY night DESC))[1] AS priority,
        array_agg(night ORDER BY night) AS nights,
        array_agg(outcome ORDER BY night) AS outcomes,
        array_agg(tries ORDER BY night) AS tries,
        array_agg(duration_s ORDER BY night) AS durations
    FROM cells WHERE night = ANY($1)
    GROUP BY journey, casting ORDER BY journey, casting
"""

# Looks behind the window, too: what has been failing for longer than that.
_SINCE = """
    WITH failing AS (SELECT * FROM unnest($1::text[], $2::text[]) AS given (journey, casting)),
    played AS (
        SELECT cells.journey, cells.casting, cells.night, cells.outcome
        FROM failing JOIN cells USING (journey, casting) JOIN nights ON nights.number = cells.night
        WHERE cells.outcome <> 'n' AND ($3 = '' OR nights.name = $3) AND ($4 = '' OR nights.branch = $4)
    ),
    passed AS (
        SELECT journey, casting, coalesce(max(night) FILTER (WHERE outcome = 'p'), 0) AS last
        FROM played GROUP BY journey, casting
    ),
    since AS (
        SELECT journey, casting, last, min(night) AS first, count(*) AS nights
        FROM passed JOIN played USING (journey, casting)
        WHERE night > last GROUP BY journey, casting, last
    )
    SELECT journey, casting, nights, first.id, first.started_at, first.revision,
        coalesce(good.id, '') AS passed_last, coalesce(good.revision, '') AS passed_revision
    FROM since JOIN nights AS first ON first.number = since.first
        LEFT JOIN nights AS good ON good.number = since.last
"""

_PROPAGATION = "SELECT * FROM propagation WHERE night = ANY($1) ORDER BY surface, target, night"

_SLOWEST = """
    SELECT journey, title, array_agg(DISTINCT casting ORDER BY casting) AS castings, count(*) AS runs,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS p50_s,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_s,
        sum(seconds) AS total_s,
        coalesce(sum(seconds) / nullif(sum(sum(seconds)) OVER (), 0), 0) AS share
    FROM cells, unnest(step_titles, step_s) AS step (title, seconds)
    WHERE night = $1
    GROUP BY journey, title ORDER BY p50_s DESC, journey, title LIMIT $2
"""

_STEPS = """
    SELECT night, journey, title, percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS p50_s
    FROM cells JOIN (SELECT DISTINCT unnest($2::text[]) AS journey) AS asked USING (journey),
        unnest(step_titles, step_s) AS step (title, seconds)
    WHERE night = ANY($1) AND (journey, title) IN (SELECT * FROM unnest($2::text[], $3::text[]))
    GROUP BY night, journey, title ORDER BY night
"""


@dataclass(frozen=True, kw_only=True)
class RecentNights:
    """The rows that trends are made of, oldest night first; columns are those of the questions above."""

    name: str
    branch: str
    nights: list[Any]
    counts: list[Any]
    cells: list[Any]
    since: list[Any]
    propagation: list[Any]
    slowest: list[Any]
    steps: list[Any]


async def read_recent_nights(database: StoreDatabase, *, name: str, branch: str, nights: int) -> RecentNights:
    """Read the last `nights` nights of a name on a branch; empty: of any."""
    found = await database.rows(_NIGHTS, name, branch, nights)
    numbers = [row["number"] for row in found]
    cells = await database.rows(_CELLS, numbers)
    failing = [row for row in cells if _is_failing(row["outcomes"])]
    slowest = await database.rows(_SLOWEST, numbers[-1], SLOWEST) if numbers else []
    return RecentNights(
        name=name,
        branch=branch,
        nights=found,
        counts=await database.rows(_COUNTS, numbers),
        cells=cells,
        since=await database.rows(
            _SINCE, [row["journey"] for row in failing], [row["casting"] for row in failing], name, branch
        ),
        propagation=await database.rows(_PROPAGATION, numbers),
        slowest=slowest,
        steps=await database.rows(
            _STEPS, numbers, [row["journey"] for row in slowest], [row["title"] for row in slowest]
        ),
    )


def _is_failing(outcomes: list[str]) -> bool:
    played = [outcome for outcome in outcomes if outcome != "n"]
    return bool(played) and played[-1] != "p"
