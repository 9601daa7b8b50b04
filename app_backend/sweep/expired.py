"""Rows whose time is over: sign-ins and their tokens, used upload tickets, idempotency keys, counters."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, inspect, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app_backend.database import Base, Database, IdempotencyKey, RateLimit, SignIn, TokenPair, UsedTicket

EXPIRING: tuple[tuple[type[Base], InstrumentedAttribute[object]], ...] = (
    (SignIn, SignIn.expires_at),
    (TokenPair, TokenPair.refresh_expires_at),
    (UsedTicket, UsedTicket.expires_at),
    (IdempotencyKey, IdempotencyKey.expires_at),
    (RateLimit, RateLimit.expires_at),
)
SPARED = timedelta(minutes=5)
"""By so much may the clocks of two machines differ: a used ticket must not become fresh again."""

AT_ONCE = 1000


async def delete_expired(database: Database) -> int:
    """Delete what has expired, and return how many rows; several processes may do so at once."""
    return sum([await _delete(database, table, expires_at) for table, expires_at in EXPIRING])


async def _delete(database: Database, table: type[Base], expires_at: InstrumentedAttribute[object]) -> int:
    key = inspect(table).primary_key
    over = select(*key).where(expires_at < func.now() - SPARED).limit(AT_ONCE)
    gone = delete(table).where(tuple_(*key).in_(over.with_for_update(skip_locked=True))).returning(*key)
    deleted = 0
    while True:
        async with database.sessions.begin() as session:
            count = len((await session.execute(gone)).all())
        deleted += count
        if count < AT_ONCE:
            return deleted
