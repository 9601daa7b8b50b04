"""Change the database and announce it in one transaction, so that neither is ever seen without the other."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.database import Database
from app_backend.observability import RequestPart, request_id, time_part

CHANNEL = "app_backend_events"
"""The PostgreSQL channel all processes on one database share."""

Data = dict[str, Any]
"""What happened, as JSON: complete, so that a reader needs no look into the database."""

MAX_FORMS = 16
"""How many forms of an event are kept: readers may ask under as many host names as they like."""


@dataclass(frozen=True)
class CommittedEvent:
    """Something that was committed between two readings of the wall clock, in Unix seconds.

    `committed_at` was read before the commit, `committed_by` once word of it had come out of PostgreSQL,
    which it does after the commit only; None before it travelled.
    """

    id: str
    name: str
    committed_at: float
    data: Data
    committed_by: float | None = None
    request_id: str | None = None
    """The request that made the change; None where it was none."""
    _forms: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def form(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return what `make` returns, which is asked once for all readers who have the same key."""
        found = self._forms.get(key)
        if found is None:
            found = make()
            if len(self._forms) < MAX_FORMS:
                self._forms[key] = found
        return found

    def as_json(self) -> Data:
        """Return it as it travels."""
        return {
            "id": self.id,
            "name": self.name,
            "committed_at": self.committed_at,
            "data": self.data,
            "request_id": self.request_id,
        }

    @classmethod
    def from_json(cls, value: Data, *, committed_by: float) -> Self:
        """Return the event that `as_json` described, received at `committed_by`."""
        return cls(
            id=value["id"],
            name=value["name"],
            committed_at=value["committed_at"],
            data=value["data"],
            committed_by=committed_by,
            # Another process on the database may be older than this field.
            request_id=value.get("request_id"),
        )


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
            event = CommittedEvent(
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
        with time_part(RequestPart.DATABASE):
            await self.session.commit()


@asynccontextmanager
async def change(database: Database) -> AsyncIterator[Change]:
    """Open a transaction that commits, and announces, when the block ends well, and else changes nothing."""
    async with database.sessions() as session:
        changing = Change(session)
        yield changing
        await changing.commit()
