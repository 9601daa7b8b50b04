"""The end of an account: the person, what they said, and the picture they showed."""

from __future__ import annotations

import uuid

from sqlalchemy import delete, func, select

from app_backend.avatars import Gallery
from app_backend.database import Database, Person, Post
from app_backend.errors import Problem
from app_backend.events import change

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
            locked = select(Person).where(Person.id == person_id).with_for_update()
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
