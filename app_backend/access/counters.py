"""The counters of rate limits, in PostgreSQL: shared by all processes on a database, and by nothing else."""

from __future__ import annotations

import time

from limits.aio.storage import Storage
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app_backend.database import Database

# The database's clock counts, as processes on several machines share the windows. A window begins with its
# first hit. All is one statement, so that no two processes ever get the same count.
HIT = text("""
    INSERT INTO rate_limits AS counter (key, hits, expires_at)
    VALUES (:key, :amount, clock_timestamp() + make_interval(secs => :expiry))
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN counter.expires_at <= clock_timestamp() THEN excluded.hits
                    ELSE LEAST(counter.hits + excluded.hits, 1000000000) END,
        expires_at = CASE WHEN counter.expires_at <= clock_timestamp() THEN excluded.expires_at
                          ELSE counter.expires_at END
    RETURNING hits
""")
GIVE_BACK = text("UPDATE rate_limits SET hits = GREATEST(hits - 1, 0) WHERE key = :key")
HITS = text("SELECT hits FROM rate_limits WHERE key = :key AND expires_at > clock_timestamp()")
LEFT = text("SELECT extract(epoch FROM expires_at - clock_timestamp()) FROM rate_limits WHERE key = :key")
CLEAR = text("DELETE FROM rate_limits WHERE key = :key")
RESET = text("DELETE FROM rate_limits")
# Whoever opens a window removes some that are over: so there are never many, and nobody waits for another.
SWEEP = text("""
    DELETE FROM rate_limits WHERE key IN (
        SELECT key FROM rate_limits WHERE expires_at <= clock_timestamp() LIMIT 10 FOR UPDATE SKIP LOCKED
    )
""")


class PostgresCounters(Storage):
    """A storage for `limits`, which brings none for PostgreSQL: what its fixed windows need."""

    STORAGE_SCHEME = None

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """Return what can go wrong beneath."""
        return (OSError, SQLAlchemyError)

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, in a window of `expiry` seconds that may have begun before; return the count."""
        values = {"key": key, "expiry": float(expiry), "amount": amount}
        async with self._database.engine.begin() as connection:
            hits = int((await connection.execute(HIT, values)).scalar_one())
            if hits == amount:
                await connection.execute(SWEEP)
        return hits

    async def give_back(self, key: str) -> None:
        """Count one less."""
        async with self._database.engine.begin() as connection:
            await connection.execute(GIVE_BACK, {"key": key})

    async def get(self, key: str) -> int:
        """Return the count of the window, 0 where there is none."""
        async with self._database.engine.connect() as connection:
            return int(await connection.scalar(HITS, {"key": key}) or 0)

    async def get_expiry(self, key: str) -> float:
        """Return when the window ends, in Unix seconds of this process's clock."""
        async with self._database.engine.connect() as connection:
            left = await connection.scalar(LEFT, {"key": key})
        return time.time() + max(0.0, float(left or 0.0))

    async def check(self) -> bool:
        """Tell whether the counters can be reached."""
        return await self._database.is_reachable()

    async def reset(self) -> int | None:
        """Forget all counts; return how many there were."""
        async with self._database.engine.begin() as connection:
            return (await connection.execute(RESET)).rowcount

    async def clear(self, key: str) -> None:
        """Forget one count."""
        async with self._database.engine.begin() as connection:
            await connection.execute(CLEAR, {"key": key})
