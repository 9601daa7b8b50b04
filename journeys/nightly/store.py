"""The store of the nightly job, PostgreSQL: the nights it keeps, and the leases of its devices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path
from typing import NamedTuple

from journeys.devices.leases import Leases, StoreDatabase, open_database
from journeys.nightly.record import STATUS_LETTERS, AttemptRecord, CellRecord, NightRecord
from journeys.nightly.trends import TrendsRecord, read_recent_nights, trends_of
from journeys.report import JourneyRecord, is_timed

NOT_RUN = STATUS_LETTERS["not run"]
SPOILED = "x"
"""The letter of a try that the infrastructure spoiled."""

RECENT_NIGHTS = 10
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

_OLD = """
    SELECT number, id FROM (
        SELECT number, id, row_number() OVER (PARTITION BY name, branch ORDER BY number DESC) AS newest
        FROM nights WHERE ($1 = '' OR name = $1) AND ($2 = '' OR branch = $2)
    ) AS counted
    WHERE newest > $3 ORDER BY number
"""

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


class Store:
    """A store that is open; made by `open_store`. All times in it are its database's."""

    leases: Leases
    """Who has which device."""

    def __init__(self, database: StoreDatabase) -> None:
        self._database = database
        self.leases = Leases(database)

    async def keep(self, night: NightRecord) -> None:
        """Keep a night, or a shard of it; the same one again changes nothing.

        Cells that are kept already are replaced, but a cell that was played by none that was not run.
        """
        rows = cell_rows(night["cells"])
        texts = [
            make_storable(text)
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
        async with self._database.transaction() as connection:
            # Shards may come at once: one after the other.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", texts[0])
            (kept,) = await connection.fetch(
                _NIGHT,
                *texts,
                night["duration_s"],
                sorted(night["shards"]),
                night["shard_count"],
            )
            number = kept["number"]
            for played in await connection.fetch(
                "SELECT journey, casting FROM cells WHERE night = $1 AND outcome <> $2", number, NOT_RUN
            ):
                cell = played["journey"], played["casting"]
                if cell in rows and rows[cell].outcome == NOT_RUN:
                    del rows[cell]
            await connection.execute(
                "DELETE FROM cells USING unnest($2::text[], $3::text[]) AS given (journey, casting) "
                "WHERE night = $1 AND cells.journey = given.journey AND cells.casting = given.casting",
                number,
                [journey for journey, _ in rows],
                [casting for _, casting in rows],
            )
            await connection.copy_records_to_table(
                "cells",
                columns=["night", *CellRow._fields],
                records=[(number, *row) for row in rows.values()],
            )
            await connection.execute("DELETE FROM propagation WHERE night = $1", number)
            await connection.execute(_SUM_UP, number)

    async def durations(self, before: str = "") -> dict[tuple[str, str], float]:
        """Return how many seconds each journey is expected to take on each casting, by (id, casting).

        That is the median of its durations in the newest ten nights of each name, those spoiled by the
        infrastructure left out; a cell without any isn't there. Where a shard of the night `before` is kept
        already, what came later is left out: all shards of a night have to know the same past.
        """
        rows = await self._database.rows(_DURATIONS, RECENT_NIGHTS, before)
        return {(row["journey"], row["casting"]): row["expected_s"] for row in rows}

    async def names_and_branches(self) -> list[tuple[str, str]]:
        """Return the names and branches of the nights that are kept."""
        rows = await self._database.rows("SELECT DISTINCT name, branch FROM nights ORDER BY name, branch")
        return [(row["name"], row["branch"]) for row in rows]

    async def forget(
        self, keep: int, *, name: str = "", branch: str = "", only_look: bool = False
    ) -> list[str]:
        """Forget all nights but the newest `keep` of each name and branch; return their ids, oldest first.

        Empty: those of any name, of any branch; `only_look` tells what would go.
        """
        async with self._database.transaction() as connection:
            old = await connection.fetch(_OLD, name, branch, keep)
            if not only_look:
                # Their cells and sums go with them.
                numbers = [night["number"] for night in old]
                await connection.execute("DELETE FROM nights WHERE number = ANY($1)", numbers)
        return [night["id"] for night in old]

    async def trends(self, name: str = "", *, branch: str = "", nights: int = 30) -> TrendsRecord:
        """Return what the last `nights` nights say; empty: those of any name, of any branch."""
        recent = await read_recent_nights(self._database, name=name, branch=branch, nights=nights)
        # A while of arithmetic, during which heartbeats have to go on.
        return await asyncio.to_thread(trends_of, recent)


@asynccontextmanager
async def open_store(address: str | None, folder: Path) -> AsyncIterator[Store]:
    """Open the store at a PostgreSQL address, None: an embedded server's; see `open_database`."""
    async with open_database(address, folder) as database:
        yield Store(database)


class CellRow(NamedTuple):
    """The columns of the table `cells` but the night's number, in their order."""

    journey: str
    casting: str
    name: str
    priority: str
    outcome: str
    tries: str
    duration_s: float | None
    step_titles: list[str]
    step_s: list[float]
    look_surfaces: list[str]
    look_targets: list[str]
    look_budgets_s: list[float]
    look_lows_s: list[float]
    look_highs_s: list[float]


def cell_rows(cells: Iterable[CellRecord]) -> dict[tuple[str, str], CellRow]:
    """Return the cells' rows by (journey, casting)."""
    rows = map(_row, cells)
    return {(row.journey, row.casting): row for row in rows}


def make_storable(text: str) -> str:
    """Return a text as PostgreSQL takes it: a title that holds NUL or half a character loses no night."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _row(cell: CellRecord) -> CellRow:
    attempts = [attempt for attempt in cell["attempts"] if attempt["status"] != "not run"]
    last = attempts[-1] if attempts else None
    record = None if last is None or _is_spoiled(last) else last["record"]
    looks = _measurements_of(record)
    steps = [step for step in record["steps"] if step["depth"] == 0] if record is not None else []
    return CellRow(
        journey=make_storable(cell["journey"]),
        casting=make_storable(cell["casting"]),
        name=make_storable(cell["name"]),
        priority=make_storable(cell["priority"]),
        outcome=STATUS_LETTERS[cell["status"]],
        tries="".join(_letter(attempt) for attempt in attempts),
        duration_s=None if last is None or _is_spoiled(last) else last["duration_s"],
        step_titles=[make_storable(step["title"]) for step in steps],
        step_s=[step["duration_s"] for step in steps],
        look_surfaces=[make_storable(look[0]) for look in looks],
        look_targets=[make_storable(look[1]) for look in looks],
        look_budgets_s=[look[2] for look in looks],
        look_lows_s=[look[3] for look in looks],
        look_highs_s=[look[4] for look in looks],
    )


def _is_spoiled(attempt: AttemptRecord) -> bool:
    return attempt["cause"] == "infrastructure"


def _letter(attempt: AttemptRecord) -> str:
    return SPOILED if _is_spoiled(attempt) else STATUS_LETTERS.get(attempt["status"], "e")


def _measurements_of(record: JourneyRecord | None) -> list[tuple[str, str, float, float, float]]:
    looks = []
    for surface in record["surfaces"] if record is not None else ():
        if not is_timed(surface):
            continue
        # Where no commit is known the budget ran from the tap.
        bounds = surface["commit_to_visible_s"] or surface["tap_to_visible_s"]
        if bounds is None and surface["verdict"] == "error":
            # An observer who could certify nothing says nothing of how long it took.
            continue
        # Leaving out what was never seen would make a slow app look fast.
        low, high = (bounds["low"], bounds["high"]) if bounds is not None else (0.0, inf)
        looks.append((surface["surface"], surface["target"], surface["budget_s"], low, high))
    return looks
