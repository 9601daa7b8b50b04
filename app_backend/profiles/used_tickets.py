"""Upload tickets that have done their work: each does it once."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.avatars import Ticket
from app_backend.database import UsedTicket
from app_backend.errors import Problem


async def check_unused(session: AsyncSession, ticket: Ticket) -> None:
    """Raise `Problem` (410) where a ticket has done its work already."""
    if await session.get(UsedTicket, ticket.id) is not None:
        raise _already_used()


async def use_up(session: AsyncSession, ticket: Ticket) -> None:
    """Use a ticket up in the session's transaction; raises `Problem` (410) where another was quicker."""
    expires_at = datetime.fromtimestamp(ticket.expires_at, UTC)
    used = await session.execute(
        insert(UsedTicket)
        .values(id=ticket.id, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(UsedTicket.id)
    )
    if used.first() is None:
        raise _already_used()


def _already_used() -> Problem:
    return Problem(410, "this upload address has been used: ask for a new one")
