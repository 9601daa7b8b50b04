"""The feed: posts, written and read page by page, newest first."""

from __future__ import annotations

import struct
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import contains_eager

from app_backend.avatars import Gallery
from app_backend.database import Database, PersonRow, Post
from app_backend.errors import Problem, invalid_token
from app_backend.events import Data, change
from app_backend.profiles import CommittedAt, Profile, profile_of, public_facts
from app_backend.text import MESSAGE


class NewPost(BaseModel):
    """Something to be said."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=1000, examples=["A new picture, at last."]), MESSAGE]


class PostView(BaseModel):
    """Something that was said, and by whom, as that person is now."""

    id: uuid.UUID
    author: Profile
    text: str
    created_at: datetime


class Posted(BaseModel):
    """A new post."""

    post: PostView
    committed_at: CommittedAt


class Page(BaseModel):
    """A part of a feed, newest first."""

    items: list[PostView]
    next_cursor: str | None = Field(description="Hand it in for the posts that follow; null at the end.")


LAYOUT = struct.Struct("!q16s")
"""Microseconds since 1970 (exactly what PostgreSQL keeps), post id."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Cursor:
    """The place just behind one post."""

    created_at: datetime
    post_id: uuid.UUID

    def encode(self) -> str:
        """Return it as an opaque text for an address."""
        packed = LAYOUT.pack((self.created_at - EPOCH) // MICROSECOND, self.post_id.bytes)
        return urlsafe_b64encode(packed).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return the cursor that `encode` made; raises `Problem` (422) for anything else."""
        try:
            microseconds, post_id = LAYOUT.unpack(urlsafe_b64decode(text.encode()))
            created_at = EPOCH + timedelta(microseconds=microseconds)
        except (Base64Error, ValueError, OverflowError, struct.error) as error:
            raise Problem(422, "query.cursor: take a cursor as it stood in next_cursor") from error
        return cls(created_at, uuid.UUID(bytes=post_id))


POST_CREATED = "post.created"
POST_REMOVED = "post.removed"


class Posts:
    """Writes and reads posts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, author_id: uuid.UUID, text: str) -> tuple[Post, float]:
        """Keep a post and return it with when it was committed; raises `Problem` (401) for nobody's."""
        post = Post(id=uuid.uuid4(), author_id=author_id, text=text, created_at=datetime.now(UTC))
        try:
            async with change(self._database) as changing:
                post.author = await changing.session.get_one(PersonRow, author_id)
                changing.session.add(post)
                changing.announce(POST_CREATED, lambda: {"post": post_facts(post)})
        except (NoResultFound, IntegrityError) as error:
            # Their account was removed since they were let in.
            raise invalid_token("the account was removed") from error
        return post, changing.committed_at

    async def remove(self, post_id: uuid.UUID, *, by: uuid.UUID) -> float:
        """Remove a post and return when that was committed; raises `Problem`: 404, or 403 for another's."""
        async with change(self._database) as changing:
            post = await changing.session.scalar(select(Post).where(Post.id == post_id).with_for_update())
            if post is None:
                raise Problem(404, "there is no such post")
            if post.author_id != by:
                raise Problem(403, "this is somebody else's post: only they can remove it")
            await changing.session.delete(post)
            changing.announce(POST_REMOVED, lambda: {"post": {"id": str(post_id), "author": {"id": str(by)}}})
        return changing.committed_at

    async def page(
        self, *, limit: int, cursor: Cursor | None = None, author_id: uuid.UUID | None = None
    ) -> tuple[list[Post], Cursor | None]:
        """Return posts newest first, of everybody or one person, and where the next page starts."""
        wanted = (
            select(Post)
            .join(Post.author)
            .options(contains_eager(Post.author))
            .order_by(Post.created_at.desc(), Post.id.desc())
            # One more than asked for tells whether there is a next page.
            .limit(limit + 1)
        )
        if author_id is not None:
            wanted = wanted.where(Post.author_id == author_id)
        if cursor is not None:
            wanted = wanted.where(tuple_(Post.created_at, Post.id) < (cursor.created_at, cursor.post_id))
        async with self._database.reading() as session:
            found = list(await session.scalars(wanted))
        posts = found[:limit]
        further = Cursor(posts[-1].created_at, posts[-1].id) if len(found) > limit else None
        return posts, further


def post_facts(post: Post) -> Data:
    """Return a post with its author, without addresses, as JSON: as it travels in events."""
    return {
        "id": str(post.id),
        "author": public_facts(post.author),
        "text": post.text,
        "created_at": post.created_at.isoformat(),
    }


def post_view(facts: Data, gallery: Gallery, base_url: str) -> PostView:
    """Return the post that facts describe, with addresses as seen from `base_url`."""
    return PostView(
        id=uuid.UUID(facts["id"]),
        author=profile_of(facts["author"], gallery, base_url),
        text=facts["text"],
        created_at=datetime.fromisoformat(facts["created_at"]),
    )
