"""Profiles: read, changed, and removed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.avatars import Gallery, Renditions, Ticket, Withdrawn, check_ticket_unused, use_up_ticket
from app_backend.database import Database, PersonRow, Post
from app_backend.errors import Problem
from app_backend.events import Change, change
from app_backend.profiles.idempotency import IdempotencyKeys, RequestKey
from app_backend.profiles.models import OwnChange, announce_profile, own_facts
from app_backend.rendering import Submission

UPLOADS_AT_ONCE = 8
"""While a picture's files are written, its upload holds a connection; half of the pool is for others."""

WAIT_S = 5.0
"""How long an upload waits for one of these places."""

ATTEMPTS = 3
"""How often an upload begins again where a sweep was quicker: twice in a row is rarer than rare."""


class People:
    """Reads and changes profiles. A change returns the person and when it was committed."""

    def __init__(self, database: Database, gallery: Gallery, keys: IdempotencyKeys) -> None:
        self._database = database
        self._gallery = gallery
        self._keys = keys
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def find(self, person_id: uuid.UUID) -> PersonRow:
        """Return a person; raises `Problem` (404)."""
        async with self._database.reading() as session:
            person = await session.get(PersonRow, person_id)
        if person is None:
            raise Problem(404, "there is no such person")
        return person

    async def edit(
        self, person_id: uuid.UUID, *, display_name: str | None, bio: str | None
    ) -> tuple[PersonRow, float]:
        """Change name and bio, each where given; one event tells of each that is really new."""
        async with change(self._database) as changing:
            person = await _lock_person(changing, person_id)
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
        self,
        person_id: uuid.UUID,
        submission: Submission,
        *,
        ticket: Ticket | None = None,
        key: str | None = None,
        only_first: bool = False,
    ) -> OwnChange:
        """Show a new picture; raises `Problem`, and changes nothing, where it can't be used.

        With `only_first`, that is so as well (409) where the person shows a picture already.

        With a ticket, that is used up by the same commit. With an idempotency key, in the form of the header,
        the same picture again gets the first answer again; so does a twin that is sent at the same time.
        """
        request = None
        if key is not None:
            request = RequestKey.of(person_id, key, submission.digest)
            answer = await self._keys.answer(request)
            if answer is not None:
                return OwnChange.from_json(answer)
        renditions = await self._gallery.render(submission)
        try:
            async with self._place_for_an_upload():
                shown, replaced = await self._show(
                    person_id, renditions, ticket, request, only_first=only_first
                )
        except _AnsweredBefore as before:
            return before.change
        # Only now, when nobody can be sent to it any more.
        if replaced is not None:
            await self._gallery.discard(person_id, replaced)
        return shown

    async def _show(
        self,
        person_id: uuid.UUID,
        renditions: Renditions,
        ticket: Ticket | None,
        request: RequestKey | None,
        *,
        only_first: bool,
    ) -> tuple[OwnChange, str | None]:
        """Write a picture's files and show it, in one transaction; return which version it replaced."""
        for _ in range(ATTEMPTS):
            with suppress(Withdrawn):
                async with (
                    self._gallery.new_version(person_id) as version,
                    change(self._database) as changing,
                ):
                    if request is not None:
                        answer = await self._keys.claim(changing.session, request)
                        if answer is not None:
                            raise _AnsweredBefore(OwnChange.from_json(answer))
                    if ticket is not None:
                        await use_up_ticket(changing.session, ticket)
                    await self._gallery.keep(changing.session, person_id, version, renditions)
                    person = await _lock_person(changing, person_id)
                    if only_first and person.avatar_version is not None:
                        raise Problem(409, "there is a picture already")
                    replaced, person.avatar_version = person.avatar_version, version
                    person.version += 1
                    await self._gallery.replace(changing.session, person_id, old=replaced, new=version)
                    announce_profile(changing, person, "avatar")
                    if request is not None:
                        changing.record(partial(self._store, changing.session, request, person))
                return OwnChange(own_facts(person), changing.committed_at), replaced
        raise _busy_problem()

    async def _store(
        self, session: AsyncSession, request: RequestKey, person: PersonRow, committed_at: float
    ) -> None:
        await self._keys.store(session, request, OwnChange(own_facts(person), committed_at).as_json())

    @asynccontextmanager
    async def _place_for_an_upload(self) -> AsyncIterator[None]:
        """Wait, but not for long, until few enough uploads hold a connection to the database."""
        try:
            async with asyncio.timeout(WAIT_S):
                await self._uploads.acquire()
        except TimeoutError as error:
            raise _busy_problem() from error
        try:
            yield
        finally:
            self._uploads.release()

    async def remove_picture(self, person_id: uuid.UUID) -> tuple[PersonRow, float]:
        """Show the default avatar again."""
        async with change(self._database) as changing:
            person = await _lock_person(changing, person_id)
            removed, person.avatar_version = person.avatar_version, None
            if removed is not None:
                person.version += 1
                await self._gallery.replace(changing.session, person_id, old=removed, new=None)
                announce_profile(changing, person, "avatar_removed")
        if removed is not None:
            await self._gallery.discard(person_id, removed)
        return person, changing.committed_at

    async def check_unused(self, ticket: Ticket, *, key: str | None = None) -> None:
        """Raise `Problem` (410) where a ticket has done its work already, and no known key asks for that."""
        if key is not None and await self._keys.is_known(ticket.person_id, key):
            return
        async with self._database.reading() as session:
            await check_ticket_unused(session, ticket)


class _AnsweredBefore(Exception):
    """An upload was done already, and what was answered then."""

    def __init__(self, change: OwnChange) -> None:
        super().__init__()
        self.change = change


async def _lock_person(changing: Change, person_id: uuid.UUID) -> PersonRow:
    """Return a person whom nobody else changes until the commit."""
    # Not against rows that refer to the person: who writes a post needs no turn.
    locked = select(PersonRow).where(PersonRow.id == person_id).with_for_update(key_share=True)
    person = await changing.session.scalar(locked)
    if person is None:
        raise Problem(404, "there is no such person")
    return person


def _busy_problem() -> Problem:
    return Problem(503, "too many pictures at once: try again soon", headers={"Retry-After": "1"})


PERSON_REMOVED = "person.removed"


class Removal:
    """Removes people."""

    def __init__(self, database: Database, gallery: Gallery) -> None:
        self._database = database
        self._gallery = gallery

    async def remove(self, person_id: uuid.UUID, *, cascade: bool) -> float:
        """Remove a person with their sign-ins and picture; return when that was committed.

        Raises `Problem`: 409 with the number of posts where there are some, unless they go as well by
        `cascade`; 404 where there is no such person.
        """
        async with change(self._database) as changing:
            session = changing.session
            # Against rows that refer to the person, too: nobody writes a post from here on.
            locked = select(PersonRow).where(PersonRow.id == person_id).with_for_update()
            person = await session.scalar(locked)
            if person is None:
                raise Problem(404, "there is no such person")
            posts = await session.scalar(
                select(func.count()).select_from(Post).where(Post.author_id == person_id)
            )
            if posts and not cascade:
                raise Problem(
                    409,
                    f"there are still {posts} posts by you: ask for cascade=true to remove them as well",
                    members={"posts": posts},
                )
            await session.execute(delete(Post).where(Post.author_id == person_id))
            shown = person.avatar_version
            if shown is not None:
                await self._gallery.replace(session, person_id, old=shown, new=None)
            # With all that belongs to nobody else: sign-ins, tokens, answers that were kept.
            await session.delete(person)
            # One event for all: a reader drops whatever is by this person.
            changing.announce(PERSON_REMOVED, lambda: {"person": {"id": str(person_id)}, "posts": posts})
        if shown is not None:
            await self._gallery.discard(person_id, shown)
        return changing.committed_at
