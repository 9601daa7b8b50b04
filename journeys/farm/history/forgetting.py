"""Forgets the oldest nights: a store grows by every one that is kept."""

from __future__ import annotations

from journeys.farm.database import Database

_OLD = """
    SELECT number, id FROM (
        SELECT number, id, row_number() OVER (PARTITION BY name, branch ORDER BY number DESC) AS newest
        FROM nights WHERE ($1 = '' OR name = $1) AND ($2 = '' OR branch = $2)
    ) AS counted
    WHERE newest > $3 ORDER BY number
"""


async def forget_nights(
    database: Database, keep: int, *, name: str = "", branch: str = "", only_look: bool = False
) -> list[str]:
    """Forget all nights but the newest `keep` of each name and branch; return their ids, the oldest first.

    `name` and `branch` leave the others alone; `only_look` leaves all.
    """
    async with database.transaction() as transaction:
        old = await transaction.rows(_OLD, name, branch, keep)
        if not only_look:
            # Their cells and sums go with them.
            await transaction.do(
                "DELETE FROM nights WHERE number = ANY($1)", [night["number"] for night in old]
            )
    return [night["id"] for night in old]
