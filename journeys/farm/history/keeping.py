"""Keeps a night, or one shard of it: the same one again changes nothing."""

from __future__ import annotations

from journeys.farm.database import Database
from journeys.farm.history.cell_row import NOT_RUN, CellRow, cell_rows, storable
from journeys.farm.night_record import NightRecord

# A night that holds all the shards kept so far says how the whole of it went; another shard adds to it.
_NIGHT = """
    INSERT INTO nights AS kept (id, name, branch, revision, status, error, started_at, finished_at,
        duration_s, shards, shard_count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, branch = excluded.branch, revision = excluded.revision,
        status = CASE WHEN excluded.shards @> kept.shards THEN excluded.status
            ELSE (ARRAY['passed', 'inconclusive', 'failed', 'error', 'not run'])[greatest(
                array_position(ARRAY['passed', 'inconclusive', 'failed', 'error', 'not run'], kept.status),
                array_position(ARRAY['passed', 'inconclusive', 'failed', 'error', 'not run'], excluded.status)
            )] END,
        error = CASE WHEN excluded.shards @> kept.shards OR excluded.error <> '' THEN excluded.error
            ELSE kept.error END,
        started_at = CASE WHEN excluded.shards @> kept.shards THEN excluded.started_at
            ELSE least(kept.started_at, excluded.started_at) END,
        finished_at = CASE WHEN excluded.shards @> kept.shards THEN excluded.finished_at
            ELSE greatest(kept.finished_at, excluded.finished_at) END,
        duration_s = CASE WHEN excluded.shards @> kept.shards THEN excluded.duration_s
            ELSE greatest(kept.duration_s, excluded.duration_s) END,
        shards = ARRAY(SELECT DISTINCT unnest(kept.shards || excluded.shards) ORDER BY 1),
        shard_count = greatest(kept.shard_count, excluded.shard_count)
    RETURNING number
"""

_SUM_UP = """
    INSERT INTO propagation (night, surface, target, budget_s, samples, unseen,
        p50_low_s, p50_high_s, p95_low_s, p95_high_s)
    SELECT $1, surface, target, min(budget_s), count(*), count(*) FILTER (WHERE high_s = 'infinity'),
        percentile_disc(0.5) WITHIN GROUP (ORDER BY low_s),
        percentile_disc(0.5) WITHIN GROUP (ORDER BY high_s),
        percentile_disc(0.95) WITHIN GROUP (ORDER BY low_s),
        percentile_disc(0.95) WITHIN GROUP (ORDER BY high_s)
    FROM cells, unnest(look_surfaces, look_targets, look_budgets_s, look_lows_s, look_highs_s)
        AS look (surface, target, budget_s, low_s, high_s)
    WHERE night = $1
    GROUP BY surface, target
"""


async def keep_night(database: Database, night: NightRecord) -> None:
    """Keep a night; cells of it that are kept already are replaced, but by none that was not run."""
    rows = cell_rows(night["cells"])
    texts = [
        storable(text)
        for text in (
            night["id"],
            night["name"],
            night["branch"],
            night["revision"],
            night["status"],
            night["error"],
            night["started_at"],
            night["finished_at"],
        )
    ]
    async with database.transaction() as transaction:
        # Shards may come at once: one after the other.
        await transaction.do("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", texts[0])
        (kept,) = await transaction.rows(
            _NIGHT,
            *texts,
            night["duration_s"],
            sorted(night["shards"]),
            night["shard_count"],
        )
        number = kept["number"]
        for played in await transaction.rows(
            "SELECT journey, casting FROM cells WHERE night = $1 AND outcome <> $2", number, NOT_RUN
        ):
            cell = played["journey"], played["casting"]
            if cell in rows and rows[cell].outcome == NOT_RUN:
                del rows[cell]
        await transaction.do(
            "DELETE FROM cells USING unnest($2::text[], $3::text[]) AS given (journey, casting) "
            "WHERE night = $1 AND cells.journey = given.journey AND cells.casting = given.casting",
            number,
            [journey for journey, _ in rows],
            [casting for _, casting in rows],
        )
        await transaction.copy(
            "cells", ("night", *CellRow._fields), [(number, *row) for row in rows.values()]
        )
        await transaction.do("DELETE FROM propagation WHERE night = $1", number)
        await transaction.do(_SUM_UP, number)
