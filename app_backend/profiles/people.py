"""Profiles: read and changed."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app_backend.avatars import Gallery, Ticket
from app_backend.database import Database, Person, UsedTicket
from app_backend.errors import Problem
from app_backend.events import Change, change
from app_backend.profiles.facts import announce_profile


class People:
    """Reads and changes profiles. A change returns the person and when it was committed."""

    def __init__(self, database: Database, gallery: Gallery) -> None:
        self._database = database
        self._gallery = gallery

    async def find(self, person_id: uuid.UUID) -> Person:
        """Return a person; raises `Problem` (404)."""
        async with self._database.reading() as session:
            person = await session.get(Person, person_id)
        if person is None:
            raise Problem(404, "there is no such person")
        return person

    async def edit(
        self, person_id: uuid.UUID, *, display_name: str | None, bio: str | None
    ) -> tuple[Person, float]:
        """Change name and bio, each where given; one event tells of each that is really new."""
        async with change(self._database) as changing:
            person = await _locked(changing, person_id)
            if display_name is not None and display_name != person.display_name:
                person.display_name = display_name
                announce_profile(changing, person, "name")
                person.version += 1
            if bio is not None and bio != person.bio:
                person.bio = bio
                announce_profile(changing, person, "bio")
                person.version += 1
        return person, changing.committed_at

    async def set_picture(
        self, person_id: uuid.UUID, data: bytes, *, ticket: Ticket | None = None
    ) -> tuple[Person, float]:
        """Show a new picture; raises `Problem`, and changes nothing, where it can't be used.

        With a ticket, that is used up by the same commit.
        """
        version = await self._gallery.add(person_id, data)
        try:
            async with change(self._database) as changing:
                person = await _locked(changing, person_id)
                if ticket is not None:
                    await _use_up(changing, ticket)
                replaced, person.avatar_version = person.avatar_version, version
                person.version += 1
                announce_profile(changing, person, "avatar")
        except BaseException:
            await self._gallery.discard(person_id, version)
            raise
        # Only now, when nobody can be sent to it any more.
        if replaced is not None:
            await self._gallery.discard(person_id, replaced)
        return person, changing.committed_at

    async def remove_picture(self, person_id: uuid.UUID) -> tuple[Person, float]:
        """Show the default avatar again."""
        async with change(self._database) as changing:
            person = await _locked(changing, person_id)
            removed, person.avatar_version = person.avatar_version, None
            if removed is not None:
                person.version += 1
                announce_profile(changing, person, "avatar_removed")
        if removed is not None:
            await self._gallery.discard(person_id, removed)
        return person, changing.committed_at

    async def check_unused(self, ticket: Ticket) -> None:
        """Raise `Problem` (410) where a ticket has done its work already."""
        async with self._database.reading() as session:
            if await session.get(UsedTicket, ticket.id) is not None:
                raise _already_used()


async def _locked(changing: Change, person_id: uuid.UUID) -> Person:
    """Return a person whom nobody else changes until the commit."""
    person = await changing.session.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if person is None:
        raise Problem(404, "there is no such person")
    return person


async def _use_up(changing: Change, ticket: Ticket) -> None:
    session = changing.session
    await session.execute(delete(UsedTicket).where(UsedTicket.expires_at < datetime.now(UTC)))
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
