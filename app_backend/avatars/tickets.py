"""Upload tickets: a signed leave to upload one picture for one person, once, within a short while."""

from __future__ import annotations

import hmac
import struct
import time
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Self

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.database import UsedTicket
from app_backend.errors import Problem

LAYOUT = struct.Struct("!16s16sd")
"""Ticket id, person id, expiry in Unix seconds."""


@dataclass(frozen=True)
class Ticket:
    """The leave to upload one picture. Whether it was used already is for the database to say."""

    id: uuid.UUID
    person_id: uuid.UUID
    expires_at: float

    @classmethod
    def issue(cls, person_id: uuid.UUID, *, lifetime_s: float) -> Self:
        """Return a new ticket."""
        return cls(uuid.uuid4(), person_id, time.time() + lifetime_s)

    def sign(self, key: bytes) -> str:
        """Return the ticket as it stands in an address."""
        body = LAYOUT.pack(self.id.bytes, self.person_id.bytes, self.expires_at)
        return urlsafe_b64encode(body + _signature(body, key)).decode().rstrip("=")

    @classmethod
    def verify(cls, text: str, key: bytes) -> Self:
        """Return the ticket that was signed; raises `Problem`: 404 for a forged, 410 for an expired one."""
        try:
            raw = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        except (Base64Error, ValueError):
            raw = b""
        body, signature = raw[: LAYOUT.size], raw[LAYOUT.size :]
        if len(body) != LAYOUT.size or not hmac.compare_digest(signature, _signature(body, key)):
            raise Problem(404, "this upload address is not known")
        ticket, person, expires_at = LAYOUT.unpack(body)
        if expires_at <= time.time():
            raise Problem(410, "this upload address has expired: ask for a new one")
        return cls(uuid.UUID(bytes=ticket), uuid.UUID(bytes=person), expires_at)


def _signature(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"upload ticket" + body, sha256)


async def check_ticket_unused(session: AsyncSession, ticket: Ticket) -> None:
    """Raise `Problem` (410) where a ticket has done its work already."""
    if await session.get(UsedTicket, ticket.id) is not None:
        raise _already_used_problem()


async def use_up_ticket(session: AsyncSession, ticket: Ticket) -> None:
    """Use a ticket up in the session's transaction; raises `Problem` (410) where another was quicker."""
    expires_at = datetime.fromtimestamp(ticket.expires_at, UTC)
    used = await session.execute(
        insert(UsedTicket)
        .values(id=ticket.id, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(UsedTicket.id)
    )
    if used.first() is None:
        raise _already_used_problem()


def _already_used_problem() -> Problem:
    return Problem(410, "this upload address has been used: ask for a new one")
