"""Change the database and announce it in one transaction, so that neither is ever seen without the other."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.database import Database
from app_backend.events.event import CHANNEL, Data, Event
from app_backend.observability import Part, request_id, timed

MAX_NOTIFICATION_BYTES = 7999
"""PostgreSQL's limit for one notification."""


class Change:
    """One transaction that changes something, and what it will announce."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._committed_at: float | None = None
        self._announcements: list[tuple[str, Callable[[], Data]]] = []
        self._records: list[Callable[[float], Awaitable[None]]] = []

    def announce(self, name: str, data: Callable[[], Data]) -> None:
        """Send an event with the commit; `data` is asked for once all is written."""
        self._announcements.append((name, data))

    def record(self, write: Callable[[float], Awaitable[None]]) -> None:
        """Write, as the last thing before the commit, something that holds `committed_at` itself."""
        self._records.append(write)

    @property
    def committed_at(self) -> float:
        """The wall clock, in Unix seconds, just before the commit was sent; known after it."""
        if self._committed_at is None:
            raise RuntimeError("the change is not committed yet")
        return self._committed_at

    async def commit(self) -> None:
        """Write, announce and commit."""
        await self.session.flush()
        # Read before the commit, so that the true moment of the commit is never earlier than what we say.
        self._committed_at = round(time.time(), 6)
        for write in self._records:
            await write(self._committed_at)
        for name, data in self._announcements:
            event = Event(
                id=uuid.uuid4().hex,
                name=name,
                committed_at=self._committed_at,
                data=data(),
                request_id=request_id(),
            )
            payload = json.dumps(event.as_json(), ensure_ascii=False, separators=(",", ":"))
            if len(payload.encode()) > MAX_NOTIFICATION_BYTES:
                raise ValueError(f"the event {name} is too long for a notification")
            await self.session.execute(
                text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload}
            )
        with timed(Part.DATABASE):
            await self.session.commit()


@asynccontextmanager
async def change(database: Database) -> AsyncIterator[Change]:
    """Open a transaction that commits, and announces, when the block ends well, and else changes nothing."""
    async with database.sessions() as session:
        changing = Change(session)
        yield changing
        await changing.commit()
