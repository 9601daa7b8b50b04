"""How often somebody may sign in wrongly, register, or upload.

By `limits`, a maintained library, with counters in our own database: so several processes count together. Its
other storages would need another server, or count for each process alone.

A wrong password counts for the address; for the account as seen from that address; and, where the person is
not signed in from there already, for the account as such. So a stranger who guesses soon has to wait, from
one address or from many; and the person, who is where they signed in before, is not kept out by that.
"""

from __future__ import annotations

import hashlib
import math
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from pydantic import BeforeValidator, PlainSerializer
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from app_backend.database import Database, PersonRow, SignIn
from app_backend.errors import Problem
from app_backend.sign_ins import Origin

OFF = "off"


def _rate(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.strip().lower() == OFF:
        return None
    try:
        rate = parse(value)
    except ValueError:
        rate = None
    if rate is None or rate.amount < 1:
        raise ValueError('give a rate such as "10 per 5 minutes", or "off"')
    return rate


Rate = Annotated[RateLimitItem | None, BeforeValidator(_rate), PlainSerializer(str)]
"""A number of times in a length of time; None for no limit. The notation is that of the library `limits`."""


@dataclass(frozen=True)
class Rates:
    """How often what may be done; None for as often as one likes."""

    wrong_passwords_per_address: Rate
    wrong_passwords_here_per_account: Rate
    wrong_passwords_per_account: Rate
    registrations_per_address: Rate
    uploads_per_person: Rate


@dataclass(frozen=True)
class _Limit:
    """One counter: what is counted, how often that may be, and for whom."""

    name: str
    rate: Rate
    key: str

    @classmethod
    def of(cls, name: str, rate: Rate, *whom: str) -> _Limit:
        # Digests have one length, and tell nobody who reads the table which addresses were typed in.
        subject = "\0".join(whom).encode(errors="surrogatepass")
        return cls(name, rate, hashlib.sha256(subject).hexdigest()[:32])


class RateLimits:
    """Counts, and raises `Problem` (429) with `Retry-After` where it was too often."""

    def __init__(self, database: Database, rates: Rates) -> None:
        self._database = database
        self._rates = rates
        self._counters = PostgresCounters(database)
        self._windows = FixedWindowRateLimiter(self._counters)

    @asynccontextmanager
    async def sign_in(self, email: str, origin: Origin) -> AsyncIterator[None]:
        """Open an attempt to sign in; only a `Problem` (401) in it counts against the limits.

        It is counted before the password is looked at and given back after, so that many attempts at once are
        no way around the limits.
        """
        account, rates = email.lower(), self._rates
        address = _Limit.of("sign-in-address", rates.wrong_passwords_per_address, origin.address)
        here = _Limit.of("sign-in-here", rates.wrong_passwords_here_per_account, account, origin.address)
        anywhere = _Limit.of("sign-in-account", rates.wrong_passwords_per_account, account)
        counted: list[_Limit] = []
        wrong = False
        try:
            for limit in (address, here):
                await self._count(limit, "signing in failed too often")
                counted.append(limit)
            if not await self._is_signed_in_from(account, origin):
                await self._count(anywhere, "signing in failed too often")
                counted.append(anywhere)
            yield
        except Problem as refusal:
            wrong = refusal.status == 401
            raise
        finally:
            if not wrong:
                for limit in counted:
                    await self._give_back(limit)
        await self._forget(here)

    async def register(self, origin: Origin) -> None:
        """Count a registration."""
        await self._count(
            _Limit.of("registration", self._rates.registrations_per_address, origin.address),
            "too many accounts were made from here",
        )

    async def upload(self, person_id: uuid.UUID) -> None:
        """Count an upload."""
        await self._count(
            _Limit.of("upload", self._rates.uploads_per_person, str(person_id)),
            "you have sent too many pictures",
        )

    async def _count(self, limit: _Limit, what: str) -> None:
        rate = limit.rate
        if rate is None or await self._windows.hit(rate, limit.name, limit.key):
            return
        window = await self._windows.get_window_stats(rate, limit.name, limit.key)
        wait = max(1, math.ceil(window.reset_time - time.time()))
        raise Problem(429, f"{what}: try again in {wait} s", headers=_headers(limit.name, rate, wait))

    async def _give_back(self, limit: _Limit) -> None:
        if limit.rate is not None:
            await self._counters.give_back(limit.rate.key_for(limit.name, limit.key))

    async def _forget(self, limit: _Limit) -> None:
        if limit.rate is not None:
            await self._windows.clear(limit.rate, limit.name, limit.key)

    async def _is_signed_in_from(self, email: str, origin: Origin) -> bool:
        """Tell whether a person is signed in from a client's address already, which no stranger has too."""
        if origin.is_this_machine:
            return False
        async with self._database.reading() as session:
            known = await session.scalar(
                select(SignIn.id)
                .join(PersonRow, PersonRow.id == SignIn.person_id)
                .where(PersonRow.email == email, SignIn.address == origin.address)
                .limit(1)
            )
        return known is not None


def _headers(name: str, rate: RateLimitItem, wait: int) -> dict[str, str]:
    """Return when to come back: for everybody, and as the HTTP working group drafts it."""
    return {
        "Retry-After": str(wait),
        "RateLimit-Policy": f'"{name}";q={rate.amount};w={rate.get_expiry()}',
        "RateLimit": f'"{name}";r=0;t={wait}',
    }


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
