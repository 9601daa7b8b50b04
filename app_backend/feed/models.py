"""What comes in and goes out about posts."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app_backend.profiles import CommittedAt, Profile
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
